"""Headers that keep a page to its own origin and its own scripts."""

import secrets

from flask import Flask, Response, g

from gis_service.config import Settings

PERMISSIONS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
TIANDITU_ORIGINS = "https://*.tianditu.gov.cn"


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


def init_security(app: Flask, settings: Settings) -> None:
    """Send the headers with every answer of ``app`` and offer ``nonce()`` to its templates."""
    app.jinja_env.globals["nonce"] = nonce
    referrer = "strict-origin-when-cross-origin" if settings.basemap == "tianditu" else "same-origin"

    @app.after_request
    def send_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_security_policy(settings, nonce())
        response.headers["Referrer-Policy"] = referrer  # Tianditu checks the origin of its browser keys
        response.headers["Permissions-Policy"] = ", ".join(f"{name}=()" for name in PERMISSIONS)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
