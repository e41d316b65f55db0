"""Signing in and out, and one's own account."""

import re
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_required, login_user, logout_user
from werkzeug.wrappers import Response

from gis_service.db.accounts import Grant, Role
from gis_service.db.engine import begin
from gis_service.errors import InputError
from gis_service.web.audience import current_settings
from gis_service.web.language import language
from gis_service.web.sign_in import SignedIn, signed_in
from gis_service.workflows import accounts
from gis_service.workflows.account_words import ROLE_NAMES, place_of

blueprint = Blueprint("account", __name__, url_prefix="/account")

OWN_ADDRESS = re.compile(r"/(?!/)[^\\\x00-\x1f]*")
"""A path of this service, perhaps with a query."""


@blueprint.app_template_global()
def role_name(role: Role) -> str:
    """Return what people call a role."""
    return ROLE_NAMES[role].in_language(language())


@blueprint.app_template_global()
def grant_place(grant: Grant) -> str:
    """Return where a grant holds, for people."""
    return place_of(grant).in_language(language())


@blueprint.get("/sign-in")
def sign_in() -> str:
    """Return the form."""
    return _form()


@blueprint.post("/sign-in")
def enter() -> Response | tuple[str, int]:
    """Sign in, or say in one sentence why not."""
    login = request.form.get("login", "")
    with begin(current_settings()) as conn:
        attempt = accounts.sign_in(conn, login, request.form.get("password", ""), datetime.now(UTC))
    if attempt.account is None or attempt.refused is not None:
        current_app.logger.warning("sign-in refused")
        refused = attempt.refused or accounts.WRONG
        return _form(login=login, refused=refused.in_language(language())), 401
    begin_session(SignedIn(attempt.account))
    return redirect(own_address(request.form.get("next")))


@blueprint.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def leave() -> Response:
    """Sign out."""
    logout_user()
    session.clear()
    return redirect(url_for("home.index"))


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]
def own() -> str:
    """Return one's own account: what it may do, and the form for a new password."""
    return render_template("account.html", account=signed_in())


@blueprint.post("/password")
@login_required  # type: ignore[untyped-decorator]
def change_password() -> Response | tuple[str, int]:
    """Replace one's own password; other sessions are over."""
    account = signed_in()
    assert account is not None  # noqa: S101 nobody else comes here
    settings, now = current_settings(), datetime.now(UTC)
    with begin(settings) as conn:
        attempt = accounts.sign_in(conn, account.login, request.form.get("old", ""), now)
        refused = attempt.refused.in_language(language()) if attempt.refused else None
        if refused is None and request.form.get("new") != request.form.get("again"):
            refused = gettext("两次输入的新密码不一样。")
        if refused is None:
            try:
                accounts.change_password(conn, account, request.form.get("new", ""))
            except InputError as fault:
                refused = fault.text.in_language(language())
    if refused is not None:
        return render_template("account.html", account=account, refused=refused), 400
    session.clear()
    flash(gettext("密码已更换，请用新密码登录。"))
    return redirect(url_for("account.sign_in"))


def begin_session(user: SignedIn) -> None:
    """Begin a session that knows nothing of what went before."""
    session.clear()
    session.permanent = True
    login_user(user)


def own_address(wanted: str | None) -> str:
    """Return an address of this service to go on to: the wanted one, or the start page where it may lead elsewhere.

    Browsers take backslashes for slashes, leave out tabs and ends of lines, and read the name of another host after any
    number of slashes from two on.
    """
    return wanted if wanted is not None and OWN_ADDRESS.fullmatch(wanted) else url_for("home.index")


def _form(**more: str) -> str:
    settings = current_settings()
    wanted = request.values.get("next", "")
    return render_template("sign_in.html", next=wanted, office=bool(settings.oidc_issuer), **more)
