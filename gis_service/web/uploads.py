"""Requests that may be larger than others: those with which people who are signed in send files."""

from flask import Flask, request

from gis_service.web.sign_in import signed_in
from gis_service.workflows.draft_uploads import MOST_BYTES

FORM_BYTES = 100_000
"""What the other fields of a form with a file may have."""
UPLOADS = {"planner.begin_draft": MOST_BYTES + FORM_BYTES}
"""How large a request may be, by the view it is for."""


def init_uploads(app: Flask) -> None:
    """Let ``app`` read files; to be called before whatever else reads the body of a request."""
    app.before_request(allow_files)


def allow_files() -> None:
    """Allow this request what its view takes, where somebody is signed in."""
    if request.endpoint in UPLOADS and signed_in() is not None:
        request.max_content_length = UPLOADS[request.endpoint]
