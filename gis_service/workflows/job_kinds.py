"""The kinds of long work there are, and what is done for each."""

from collections.abc import Mapping

from gis_service.workflows import draft_exports, propose_draft
from gis_service.workflows.jobs import Work

WORKS: Mapping[str, Work] = {
    propose_draft.KIND: propose_draft.propose_draft,
    draft_exports.KIND: draft_exports.do_export,
}
"""What is done for each kind of job; ``scripts/run_jobs.py`` does no others."""
