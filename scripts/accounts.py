#!/usr/bin/env python3
"""Make, list, unlock and block the accounts of staff; the first administrator is made here."""

import argparse
import getpass
import secrets
import sys

import _environment  # noqa: F401 starts the checkout's own Python first
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db import accounts as stored
from gis_service.db import migrate
from gis_service.db.accounts import Account
from gis_service.db.engine import Connection, begin
from gis_service.errors import InputError, Text
from gis_service.workflows import accounts
from gis_service.workflows.account_words import grant_of, words_of
from gis_service.workflows.progress import Report


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option(
        "action",
        choices=["list", "add", "roles", "password", "unlock", "block", "allow"],
        help_text=Text(
            "list 列出 · add 新建 · roles 改角色 · password 换密码 · unlock 解锁 · block 停用 · allow 启用",
            "what to do",
        ),
    )
    parser.option("login", nargs="?", help_text=Text("账号", "the account"))
    parser.option("--title", help_text=Text("岗位名称，如“某街道网格规划岗”", "the post people read"))
    parser.option(
        "--role",
        action="append",
        metavar="ROLE@CITY/REGION",
        help_text=Text(
            "角色，可多次给出：planner、reviewer、auditor、administrator；@ 后写城市和区划代码，不写即全部",
            "a role, may be repeated: planner, reviewer, auditor or administrator; @CITY/REGION, without: everywhere",
        ),
    )
    parser.option(
        "--ask-password",
        action="store_true",
        help_text=Text(
            "在终端输入密码（否则自动生成，只显示一次）",
            "type the password (else one is made and shown once)",
        ),
    )
    parser.option(
        "--office-sign-in",
        action="store_true",
        help_text=Text("不设密码，只用单位统一身份登录", "no password: signs in with the office's own service"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:  # noqa: ARG001 shows no progress
    """Do one of the actions."""
    with begin(settings) as conn:
        migrate.require_current(conn)
        if arguments.action == "list":
            listed = stored.load_accounts(conn)
            return Outcome([_line(account) for account in listed], {"accounts": [_data(account) for account in listed]})
        if not arguments.login:
            raise InputError(Text("没有给出账号", "name the account"))
        if arguments.action == "add":
            return _add(conn, arguments)
        account = _known(conn, arguments.login)
        if arguments.action == "roles":
            grants = [grant_of(words) for words in arguments.role or ()]
            accounts.refuse_unknown_regions(conn, grants)
            stored.save_grants(conn, account.id, grants)
        elif arguments.action == "password":
            accounts.change_password(conn, account, _password(arguments))
        elif arguments.action == "unlock":
            stored.forget_failures(conn, account.login)
        else:
            stored.save_active(conn, account.id, active=arguments.action == "allow")
        changed = _known(conn, account.login)
    return Outcome([_line(changed)], _data(changed))


def _add(conn: Connection, arguments: argparse.Namespace) -> Outcome:
    made = accounts.add_account(
        conn,
        arguments.login,
        title=arguments.title or arguments.login,
        password=None if arguments.office_sign_in else _password(arguments),
        grants=[grant_of(words) for words in arguments.role or ()],
    )
    return Outcome([_line(made)], _data(made))


def _known(conn: Connection, login: str) -> Account:
    account = stored.load_account_of(conn, login)
    if account is None:
        raise InputError(Text(f"没有账号“{login}”，用 list 查看", f"there is no account {login!r}; see list"))
    return account


def _password(arguments: argparse.Namespace) -> str:
    """Return the password typed, or a new one that is shown once, on standard error and never in JSON."""
    if arguments.ask_password:
        return getpass.getpass("密码 / password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    made = secrets.token_urlsafe(12)
    login = arguments.login
    print(f"{login} 的初始密码（只显示这一次）/ first password of {login} (shown once): {made}", file=sys.stderr)
    return made


def _line(account: Account) -> Text:
    roles = "、".join(map(words_of, account.grants)) or "—"
    return Text(
        f"{account.login}  {account.title}  {'启用' if account.active else '停用'}  {roles}",
        f"{account.login}  {account.title}  {'active' if account.active else 'blocked'}  {roles}",
    )


def _data(account: Account) -> dict[str, object]:
    return {
        "login": account.login,
        "title": account.title,
        "active": account.active,
        "roles": [words_of(grant) for grant in account.grants],
        "password": account.password_hash is not None,
    }


if __name__ == "__main__":
    run(Text("管理工作人员的账号。", "Manage the accounts of staff."), add_options, work)
