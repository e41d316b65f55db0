"""Who is signed in: sessions, their end, and the token that every writing form carries."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gis_service.config import Settings
from gis_service.db import accounts
from gis_service.db.accounts import Account
from gis_service.db.engine import reading

IDLE = timedelta(minutes=30)
"""A session ends this long after its last request."""

csrf = CSRFProtect()
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class SignedIn(UserMixin):  # type: ignore[misc]  # the library has no types
    """An account as the session knows it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """Return what the session keeps: the account and the number of its sessions."""
        return f"{self.account.id}.{self.account.session_number}"


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, sent back over TLS only wherever it came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 Flask's signature
        """Return whether this request came over TLS, at the reverse proxy or here."""
        return request.is_secure

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Return whether an answer carries the session: a static file, which comes with a page, prolongs none."""
        return session.modified or (request.endpoint != "static" and super().should_set_cookie(app, session))


def init_sign_in(app: Flask, settings: Settings) -> None:
    """Let ``app`` know who is signed in, and refuse writes without the token of the reader's own page."""
    app.session_interface = SessionCookie()
    app.config.update(
        SESSION_COOKIE_NAME="gis_service_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, which ends by itself
        WTF_CSRF_SSL_STRICT=False,  # the token suffices; proxies drop referrers
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]
    csrf.init_app(app)
    manager = LoginManager(app)
    manager.login_view = "account.sign_in"
    manager.localize_callback = lambda _: str(gettext("请先登录，再打开这一页。"))
    manager.session_protection = None  # addresses of office networks change; the session is signed and short
    manager.user_loader(_load)
    app.jinja_env.globals["signed_in"] = signed_in


def signed_in() -> Account | None:
    """Return the account of this request, or None."""
    return current_user.account if isinstance(current_user._get_current_object(), SignedIn) else None  # noqa: SLF001 the proxy's own way to its object


def administrators_only(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Answer 404 unless an administrator of accounts is signed in; strangers are sent to sign in."""

    @wraps(view)
    def guarded(*arguments: Parameters.args, **named: Parameters.kwargs) -> Answer:
        account = signed_in()
        if account is None:
            answer: Answer = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            return answer
        if not account.administers:
            abort(404)
        return view(*arguments, **named)

    return guarded


def _load(identity: str) -> SignedIn | None:
    """Return the account of a session that is not over."""
    number, _, session_number = identity.partition(".")
    with reading(current_app.extensions["gis_service.settings"]) as conn:
        account = accounts.load_account(conn, int(number))
    if account is None or not account.active or str(account.session_number) != session_number:
        return None
    return SignedIn(account)
