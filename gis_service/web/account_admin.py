"""Accounts as administrators manage them."""

import secrets
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from gis_service.db import accounts as stored
from gis_service.db.accounts import Account, Grant
from gis_service.db.cities import load_cities
from gis_service.db.engine import Connection, begin, reading
from gis_service.errors import GisServiceError, InputError, Text
from gis_service.web.audience import current_settings
from gis_service.web.language import language
from gis_service.web.sign_in import administrators_only, signed_in
from gis_service.workflows import accounts
from gis_service.workflows.account_words import grant_of, words_of

blueprint = Blueprint("account_admin", __name__, url_prefix="/account/all")

Page = Response | str | tuple[str, int]


blueprint.add_app_template_global(words_of, "grant_words")


@blueprint.get("/")
@administrators_only
def index() -> Page:
    """Return the list of accounts and the form for a new one."""
    return _page()


@blueprint.post("/")
@administrators_only
def add() -> Page:
    """Make an account with a password that is shown once."""
    password = first_password()
    form = request.form

    def work(conn: Connection) -> Text:
        made = accounts.add_account(
            conn, form.get("login", ""), title=form.get("title", ""), password=password, grants=_grants()
        )
        return _told(made.login, password)

    return _done(work)


@blueprint.post("/<int:number>/roles")
@administrators_only
def save_roles(number: int) -> Page:
    """Replace the roles of an account."""

    def work(conn: Connection) -> Text:
        account = _account(conn, number)
        grants = _grants()
        _refuse_locking_out(account, still_administers=any(g.role == "administrator" and not g.city for g in grants))
        accounts.refuse_unknown_regions(conn, grants)
        stored.save_grants(conn, account.id, grants)
        return Text(f"账号 {account.login} 的角色已保存。", f"The roles of {account.login} are saved.")

    return _done(work)


@blueprint.post("/<int:number>/password")
@administrators_only
def new_password(number: int) -> Page:
    """Give an account a new password that is shown once, and unlock it."""
    password = first_password()

    def work(conn: Connection) -> Text:
        account = _account(conn, number)
        accounts.change_password(conn, account, password)
        return _told(account.login, password)

    return _done(work)


@blueprint.post("/<int:number>/unlock")
@administrators_only
def unlock(number: int) -> Page:
    """Let an account that is locked after failed attempts try again."""

    def work(conn: Connection) -> Text:
        account = _account(conn, number)
        stored.forget_failures(conn, account.login)
        return Text(f"账号 {account.login} 已解锁。", f"{account.login} may try again.")

    return _done(work)


@blueprint.post("/<int:number>/active")
@administrators_only
def save_active(number: int) -> Page:
    """Block an account, or let it in again."""
    active = request.form.get("active") == "1"

    def work(conn: Connection) -> Text:
        account = _account(conn, number)
        _refuse_locking_out(account, still_administers=active)
        stored.save_active(conn, account.id, active=active)
        if active:
            return Text(f"账号 {account.login} 已启用。", f"{account.login} may sign in again.")
        return Text(f"账号 {account.login} 已停用。", f"{account.login} may no longer sign in.")

    return _done(work)


def first_password() -> str:
    """Return a password that nobody guesses; its reader replaces it."""
    return secrets.token_urlsafe(12)


def _done(work: Callable[[Connection], Text]) -> Page:
    try:
        with begin(current_settings()) as conn:
            said = work(conn)
    except GisServiceError as fault:
        if not isinstance(fault, InputError | LookupError):
            raise
        return _page(refused=fault.text.in_language(language())), 400
    flash(said.in_language(language()))
    return redirect(url_for("account_admin.index"))


def _told(login: str, password: str) -> Text:
    return Text(
        f"账号 {login} 的初始密码：{password}  只显示这一次，请当面交给使用人，并请其登录后更换。",
        f"First password of {login}: {password}  Shown once; hand it over in person and ask for it to be changed.",
    )


def _grants() -> list[Grant]:
    lines = request.form.get("grants", "").replace(",", "\n").replace("，", "\n").splitlines()
    return [grant_of(line.strip()) for line in lines if line.strip()]


def _account(conn: Connection, number: int) -> Account:
    account = stored.load_account(conn, number)
    if account is None:
        abort(404)
    return account


def _refuse_locking_out(account: Account, *, still_administers: bool) -> None:
    own = signed_in()
    if own is not None and own.id == account.id and not still_administers:
        raise InputError(
            Text(
                "不能停用自己或取消自己的管理员角色，请由另一位管理员操作。",
                "Ask another administrator to block you or to take your role.",
            )
        )


def _page(refused: str | None = None) -> str:
    with reading(current_settings()) as conn:
        listed = stored.load_accounts(conn)
        cities = load_cities(conn)
    return render_template(
        "accounts.html",
        accounts=listed,
        cities=sorted(city.name for city in cities),
        refused=refused,
        title_hint=gettext("如：某街道网格规划岗"),
    )
