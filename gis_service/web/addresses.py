"""Addresses that are no text are refused before anything reads them."""

from urllib.parse import unquote_to_bytes

from flask import Flask, abort, request


def init_addresses(app: Flask) -> None:
    """Let ``app`` refuse unreadable addresses; to be called before whatever else looks at a request."""
    app.before_request(refuse_unreadable_addresses)


def refuse_unreadable_addresses() -> None:
    """Answer 400 where the path or the query is not UTF-8 or holds a NUL, which the database cannot store or compare.

    Surrogates are not UTF-8 either. What passes here every view may hand on as text.
    """
    path = request.environ["PATH_INFO"].encode("latin-1")  # WSGI's form of bytes
    query = unquote_to_bytes(request.query_string)
    if not (_is_text(path) and _is_text(query)):
        request.query_string = b""  # the error page asks it for the language
        abort(400)


def _is_text(sent: bytes) -> bool:
    try:
        return "\0" not in sent.decode()
    except UnicodeDecodeError:
        return False
