"""What a browser may keep: by default nothing; bodies by the version and audience in their address and ETag."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

import brotli
from flask import Response, make_response, request

from gis_service.web.audience import version_for

IMMUTABLE_S = 86_400
"""How long an address that names its version may be kept without asking [s]."""


FILES_KEPT = 256
WRITTEN = ("text/css", "text/javascript", "image/svg+xml")


def whole_file(response: Response) -> Response:
    """Return a static file's answer with the file read and, where the browser can, made as small as it goes.

    Files are small and few: each is compressed once, with more patience than there is for an answer. The file itself is
    closed here, whether the browser takes the answer or has gone: one left to the collector of garbage stays open long.
    """
    if not response.direct_passthrough:
        return response
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.close()
    elif response.status_code == HTTPStatus.OK:
        response.direct_passthrough = False
        content = response.get_data()
        response.close()
        if response.mimetype in WRITTEN and request.accept_encodings["br"]:
            etag, _ = response.get_etag()
            response.set_data(_compressed(content))
            response.content_encoding = "br"
            response.set_etag(f"{etag}:br")
            response.make_conditional(request)
        else:
            response.set_data(content)
    return response


@lru_cache(FILES_KEPT)
def _compressed(content: bytes) -> bytes:
    smallest: bytes = brotli.compress(content)
    return smallest


def keep_nothing(response: Response) -> Response:
    """Forbid keeping whatever has not said otherwise: pages hold lists of grids, answers hold counts."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def versioned(version: str, *variants: object, staff: bool, mimetype: str, body: Callable[[], bytes]) -> Response:
    """Return ``body()`` with an ETag of version, audience and ``variants``, or 304 without calling it.

    What the public may read is kept without asking where the address names version and audience; what staff read is
    asked for every time.

    Parameters
    ----------
    version
        What the data are at; changes with them.
    variants
        Whatever else the body depends on.
    staff
        The reader is staff.
    mimetype
        Type of the body.
    body
        Makes the body; called only when the browser does not have it.
    """
    name = version_for(version, staff=staff)
    etag = hashlib.sha256(repr((name, *variants)).encode()).hexdigest()[:32]
    response = make_response()
    if request.if_none_match.contains_weak(etag):  # compression makes a strong tag weak on its way
        response.status_code = 304
    else:
        response.set_data(body())
        response.mimetype = mimetype
    response.set_etag(etag, weak=True)
    kept = not staff and request.args.get("v") == name
    response.headers["Cache-Control"] = f"private, max-age={IMMUTABLE_S}, immutable" if kept else "private, no-cache"
    return response
