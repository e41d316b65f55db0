"""Signing in: passwords, lock-out after repeated failures, and the making of accounts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gis_service.db import accounts
from gis_service.db.accounts import Account, Grant
from gis_service.db.cities import load_city
from gis_service.db.engine import Connection
from gis_service.db.regions import load_regions
from gis_service.errors import InputError, Text

FAILURES_ALLOWED = 10
"""Failed attempts with one login inside `LOCKED_FOR` before further ones are refused unseen."""
LOCKED_FOR = timedelta(minutes=15)
PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 128
"""Longest password [characters]; hashing costs time with length, and anybody may try."""
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}", re.ASCII)

WRONG = Text("账号或密码不对。", "The account or the password is wrong.")
LOCKED = Text(
    "连续输错次数过多，这个账号暂时锁定，请 15 分钟后再试，或请管理员解锁。",
    "Too many failed attempts; the account is locked. Try again in 15 minutes or ask an administrator.",
)
_HASHER = PasswordHasher()
"""argon2id with the library's parameters, which follow RFC 9106's second choice (64 MiB)."""


@dataclass(frozen=True)
class Attempt:
    """How an attempt to sign in ended.

    Parameters
    ----------
    account
        Who signed in; None: nobody.
    refused
        Why not; None where somebody did. It does not tell whether the account exists.
    """

    account: Account | None
    refused: Text | None


def sign_in(conn: Connection, login: str, password: str, now: datetime) -> Attempt:
    """Check a login and password and count a failure.

    Parameters
    ----------
    conn
        Transaction; the caller commits it also where nobody signed in, for failures must be kept.
    login, password
        As typed; the login's case and the spaces around it do not matter.
    now
        The time, aware of its zone.

    Returns
    -------
    Attempt
        An unknown login, an inactive account and a wrong password take the same time, count the same and are refused
        in the same words.
    """
    login = login.strip().lower()
    accounts.lock_sign_in(conn, login)
    accounts.forget_failures(conn, before=now - LOCKED_FOR)
    if len(accounts.failures_since(conn, login, now - LOCKED_FOR)) >= FAILURES_ALLOWED:
        return Attempt(None, LOCKED)
    account = accounts.load_account_of(conn, login)
    stored = None if account is None or not account.active else account.password_hash
    if not _fits(stored or _nobodys_hash(), password) or account is None or stored is None:
        accounts.save_failure(conn, login, now)
        return Attempt(None, WRONG)
    accounts.forget_failures(conn, login)
    if _HASHER.check_needs_rehash(stored):
        accounts.save_password(conn, account.id, _HASHER.hash(password), ends_sessions=False)
    return Attempt(account, None)


def add_account(conn: Connection, login: str, *, title: str, password: str | None, grants: Sequence[Grant]) -> Account:
    """Make an account.

    Parameters
    ----------
    conn
        Transaction.
    login
        Name to sign in with: 2 to 64 small Latin letters, digits and ``. _ @ -``.
    title
        Post or office that people read beside what was done.
    password
        None: signs in with the office's own service only.
    grants
        Roles and where they hold.

    Raises
    ------
    InputError
        The login is taken or not of that form, the title is empty, the password is too weak, or a region of
        ``grants`` is not stored.
    UnknownCityError
        A city of ``grants`` is not stored.
    """
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise InputError(
            Text(
                f"账号“{login}”不合格，请用 2 到 64 个小写字母、数字或 . _ @ -，以字母或数字开头",
                f"login {login!r}: use 2 to 64 small letters, digits or . _ @ -, a letter or digit first",
            )
        )
    if not title.strip():
        raise InputError(Text("没有填写岗位名称，请填写，如“某街道网格规划岗”", "the title is empty; name the post"))
    if accounts.load_account_of(conn, login) is not None:
        raise InputError(Text(f"账号“{login}”已经存在，请换一个", f"there is an account {login!r}; choose another"))
    refuse_unknown_regions(conn, grants)
    hashed = None if password is None else hash_password(password, login)
    return accounts.save_account(conn, login, title=title.strip(), password_hash=hashed, grants=grants)


def change_password(conn: Connection, account: Account, password: str) -> None:
    """Replace the password of an account and end its sessions.

    Raises
    ------
    InputError
        The password is too weak.
    """
    accounts.save_password(conn, account.id, hash_password(password, account.login))
    accounts.forget_failures(conn, account.login)


def hash_password(password: str, login: str) -> str:
    """Return the argon2id hash of a password.

    Raises
    ------
    InputError
        It is shorter than `PASSWORD_LENGTH_MIN`, longer than `PASSWORD_LENGTH_MAX`, holds the login, or repeats few
        signs.
    """
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise InputError(
            Text(
                f"密码须有 {PASSWORD_LENGTH_MIN} 到 {PASSWORD_LENGTH_MAX} 个字符",
                f"a password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters",
            )
        )
    if login in password.lower() or len(set(password)) < PASSWORD_LENGTH_MIN // 2:
        raise InputError(
            Text(
                "密码太容易猜到：不要包含账号，也不要反复用同样的几个字符",
                "the password is easy to guess: leave out the login and use more different characters",
            )
        )
    return _HASHER.hash(password)


def refuse_unknown_regions(conn: Connection, grants: Sequence[Grant]) -> None:
    """Raise unless every city and region of ``grants`` is stored.

    Raises
    ------
    InputError
        A region is not stored.
    UnknownCityError
        A city is not stored.
    """
    for city_name in sorted({grant.city for grant in grants if grant.city}):
        city = load_city(conn, city_name)
        codes = set(load_regions(conn, city)["code"])
        for grant in grants:
            if grant.city == city_name and grant.region_code and grant.region_code not in codes:
                raise InputError(
                    Text(
                        f"城市 {city_name} 没有代码为 {grant.region_code} 的区划，请检查代码",
                        f"city {city_name} has no region of code {grant.region_code}; check the code",
                    )
                )


def _fits(hashed: str, password: str) -> bool:
    if len(password) > PASSWORD_LENGTH_MAX:
        return False
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Return a hash that no password fits in practice; verifying it takes as long as any other."""
    return _HASHER.hash("\N{DOTTED CIRCLE}" * PASSWORD_LENGTH_MIN)


def account_of_office(conn: Connection, *, issuer: str, subject: str, login: str | None) -> Account | None:
    """Return the account of somebody the office's own sign-in service vouches for.

    Parameters
    ----------
    conn
        Transaction.
    issuer, subject
        Who vouches, and its key for the person.
    login
        The name the service knows; the first time, an account of that login without a password is bound to the
        subject. An account with a password never is: its owner might be somebody else.

    Returns
    -------
    Account or None
        None where an administrator has made no such account, or blocked it.
    """
    whole = f"{issuer} {subject}"
    account = accounts.load_account_of_subject(conn, whole)
    if account is None and login:
        found = accounts.load_account_of(conn, login)
        if found is not None and found.password_hash is None and found.subject is None:
            accounts.save_subject(conn, found.id, whole)
            account = found
    return account if account is not None and account.active else None
