"""Answers that a browser may keep: a version in the ETag, 304 when it has not changed."""

import hashlib
from collections.abc import Callable

from flask import Response, make_response, request

IMMUTABLE_S = 86_400
"""How long an address that names its version may be kept without asking [s]."""


def whole_file(response: Response) -> Response:
    """Return a static file's answer with the file read, so that it can be compressed; files are small here."""
    if response.direct_passthrough and response.status_code == 200:  # noqa: PLR2004 OK
        response.direct_passthrough = False
        response.set_data(response.get_data())
    return response


def versioned(version: str, *variants: object, mimetype: str, body: Callable[[], bytes]) -> Response:
    """Return ``body()`` with an ETag of ``version`` and ``variants``, or 304 without calling it.

    Parameters
    ----------
    version
        What the data are at; changes with them.
    variants
        Whatever else the body depends on.
    mimetype
        Type of the body.
    body
        Makes the body; called only when the browser does not have it.
    """
    etag = hashlib.sha256(repr((version, *variants)).encode()).hexdigest()[:32]
    response = make_response()
    if request.if_none_match.contains_weak(etag):  # compression makes a strong tag weak on its way
        response.status_code = 304
    else:
        response.set_data(body())
        response.mimetype = mimetype
    response.set_etag(etag, weak=True)
    named = request.args.get("v") == version
    response.headers["Cache-Control"] = f"private, max-age={IMMUTABLE_S}, immutable" if named else "private, no-cache"
    return response
