"""What keeps a page to its own origin and its own scripts, and other sites' pages out of the staff view."""

import re
import secrets

from flask import Flask, Response, g, request
from werkzeug.exceptions import SecurityError

from gis_service.config import Settings

PERMISSIONS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
TIANDITU_ORIGINS = "https://*.tianditu.gov.cn"
OWN_HOSTS = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.ASCII | re.IGNORECASE)
"""Names under which the staff view answers; werkzeug's own check knows no IPv6 address."""
PARTS_OF_PAGES = frozenset({"text/css", "text/javascript"})
"""Kinds of static files that are never pages or workers: the policies of their page hold, and those sent with them
would be read by no browser, at half a kilobyte a file."""


def nonce() -> str:
    """Return this request's nonce; scripts and styles in the page carry it."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def content_security_policy(settings: Settings, page_nonce: str) -> str:
    """Return the policy of a page: our origin, what carries the nonce, and Tianditu's images where configured."""
    images = "'self' data:" + (f" {TIANDITU_ORIGINS}" if settings.basemap == "tianditu" else "")
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{page_nonce}'",
            f"style-src 'self' 'nonce-{page_nonce}'",
            f"img-src {images}",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def _permissions() -> str:
    """Return what a page may ask the browser for: nothing, but the public's page where somebody is."""
    asks = {"geolocation"} if g.get("geolocation") else set()
    return ", ".join(f"{name}=({'self' if name in asks else ''})" for name in PERMISSIONS)


def refuse_other_hosts() -> None:
    """Answer 400 unless the request names this machine.

    A page of another site can let its own name point at 127.0.0.1 (DNS rebinding) and would then read what staff may;
    the browser still sends the name of that site.
    """
    if not OWN_HOSTS.fullmatch(request.host):
        raise SecurityError


def init_security(app: Flask, settings: Settings) -> None:
    """Guard the staff view, send the headers with the answers of ``app`` and offer ``nonce()`` to its templates."""
    app.jinja_env.globals["nonce"] = nonce
    referrer = "strict-origin-when-cross-origin" if settings.basemap == "tianditu" else "same-origin"

    if settings.staff_view:
        app.before_request(refuse_other_hosts)

    @app.after_request
    def send_headers(response: Response) -> Response:
        response.headers["Referrer-Policy"] = referrer  # Tianditu checks the origin of its browser keys
        response.headers["X-Content-Type-Options"] = "nosniff"
        if not (request.endpoint == "static" and response.mimetype in PARTS_OF_PAGES):
            response.headers["Content-Security-Policy"] = content_security_policy(settings, nonce())
            response.headers["Permissions-Policy"] = _permissions()
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
