"""Large print (适老版): chosen by ``?size=``, remembered in a cookie."""

from flask import Flask, Response, g, request

COOKIE = "size"
COOKIE_DAYS = 365
SIZES = ("normal", "large", "larger")
"""Main text of 12, 18 and 30 pt; in the two larger ones everything one taps measures 60 px at least."""


def init_print_size(app: Flask) -> None:
    """Let ``app`` print pages in the reader's size."""
    app.jinja_env.globals["print_size"] = print_size

    @app.after_request
    def remember(response: Response) -> Response:
        wanted = request.args.get("size")
        if wanted in SIZES and response.mimetype == "text/html":
            response.set_cookie(COOKIE, wanted, max_age=COOKIE_DAYS * 86_400, httponly=True, samesite="Lax")
        return response


def print_size() -> str:
    """Return the size of this answer, one of `SIZES`."""
    if "print_size" not in g:
        asked = (request.args.get("size"), request.cookies.get(COOKIE), SIZES[0])
        g.print_size = next(size for size in asked if size in SIZES)
    return str(g.print_size)
