"""Chinese or English: chosen by ``?lang=``, remembered in a cookie, the installation's language at first."""

from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale

from gis_service.config import Settings

COOKIE = "lang"
COOKIE_DAYS = 365
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
"""Language codes of addresses and cookies to the locales of Flask-Babel."""


def init_language(app: Flask, settings: Settings) -> None:
    """Let ``app`` speak the reader's language."""

    def choose() -> str:
        return LOCALES[_chosen(settings)]

    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES["zh"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    Babel(app, locale_selector=choose)
    app.jinja_env.globals["language"] = language

    @app.after_request
    def remember(response: Response) -> Response:
        wanted = request.args.get("lang")
        if wanted in LOCALES and response.mimetype == "text/html":
            response.set_cookie(COOKIE, wanted, max_age=COOKIE_DAYS * 86_400, httponly=True, samesite="Lax")
        if response.mimetype == "text/html":
            response.vary.add("Cookie")
        return response


def language() -> str:
    """Return the language of this answer, ``zh`` or ``en``."""
    return "en" if str(get_locale()) == "en" else "zh"


def _chosen(settings: Settings) -> str:
    if "language" not in g:
        asked = (request.args.get("lang"), request.cookies.get(COOKIE), settings.language)
        g.language = next(code for code in asked if code in LOCALES)
    return str(g.language)
