"""The kinds of long work there are, and what is done for each."""

from collections.abc import Mapping

from gis_service.workflows.jobs import Work

WORKS: Mapping[str, Work] = {}
"""What is done for each kind of job; ``scripts/run_jobs.py`` does no others."""
