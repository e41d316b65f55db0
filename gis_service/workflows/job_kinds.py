"""The kinds of long work there are, and what is done for each."""

from collections.abc import Mapping

from gis_service.workflows import ask_sites, audit_paper_jobs, draft_exports, field_sheets, propose_draft
from gis_service.workflows.jobs import Work

WORKS: Mapping[str, Work] = {
    propose_draft.KIND: propose_draft.propose_draft,
    draft_exports.KIND: draft_exports.do_export,
    audit_paper_jobs.KIND: audit_paper_jobs.make_paper,
    ask_sites.KIND: ask_sites.find_sites,
    field_sheets.KIND: field_sheets.make_sheets,
}
"""What is done for each kind of job; ``scripts/run_jobs.py`` does no others."""
