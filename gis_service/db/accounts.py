"""Accounts, their roles and failed attempts to sign in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from gis_service.db import account_tables as tables
from gis_service.db.frames import c_order

Role = Literal["planner", "reviewer", "auditor", "administrator"]


@dataclass(frozen=True, order=True)
class Grant:
    """A role in a region.

    Parameters
    ----------
    role
        What may be done.
    city
        Name of the city; empty: every city.
    region_code
        Code of the region, with all that lies in it; empty: the whole city.
    """

    role: Role
    city: str = ""
    region_code: str = ""

    def covers(self, city: str, regions: Sequence[str] = ()) -> bool:
        """Return whether the grant holds for a region.

        Parameters
        ----------
        city
            Name of the city.
        regions
            Codes of the region and of those above it; empty: the whole city is asked for.
        """
        return self.city in {"", city} and (not self.region_code or self.region_code in regions)


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in.

    Parameters
    ----------
    id
        Key in the store.
    login, title
        Name typed to sign in; post or office that people read.
    password_hash
        argon2id; None: signs in with the office's own service only.
    subject
        Issuer and subject of the office's own service; None: never signed in with it.
    active
        False: may no longer sign in.
    session_number
        Sessions of an earlier number are over.
    grants
        Roles and where they hold, sorted.
    """

    id: int
    login: str
    title: str
    password_hash: str | None
    subject: str | None
    active: bool
    session_number: int
    grants: tuple[Grant, ...]

    def may(self, role: Role, city: str, regions: Sequence[str] = ()) -> bool:
        """Return whether the account has a role in a region; see :meth:`Grant.covers`."""
        return any(grant.role == role and grant.covers(city, regions) for grant in self.grants)

    @property
    def administers(self) -> bool:
        """Whether the account manages accounts, which belong to no city."""
        return any(grant.role == "administrator" and not grant.city for grant in self.grants)


def save_account(
    conn: Connection, login: str, *, title: str, password_hash: str | None, grants: Sequence[Grant]
) -> Account:
    """Store a new account and return it.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        There is one of that login.
    """
    row = {"login": login, "title": title, "password_hash": password_hash}
    account = conn.scalars(insert(tables.Account).values(row).returning(tables.Account.id)).one()
    save_grants(conn, account, grants)
    saved = load_account(conn, account)
    assert saved is not None  # noqa: S101 just written
    return saved


def save_grants(conn: Connection, account: int, grants: Sequence[Grant]) -> None:
    """Replace the roles of an account."""
    conn.execute(delete(tables.AccountRole).where(tables.AccountRole.account_id == account))
    rows = [
        {"account_id": account, "role": grant.role, "city": grant.city, "region_code": grant.region_code}
        for grant in sorted(set(grants))
    ]
    if rows:
        conn.execute(insert(tables.AccountRole), rows)


def save_password(conn: Connection, account: int, password_hash: str, *, ends_sessions: bool = True) -> None:
    """Replace the password of an account; its sessions are over unless only the way of hashing changed."""
    ended = {"session_number": tables.Account.session_number + 1} if ends_sessions else {}
    conn.execute(
        update(tables.Account).where(tables.Account.id == account).values(password_hash=password_hash, **ended)
    )


def save_active(conn: Connection, account: int, *, active: bool) -> None:
    """Let an account sign in or not; its sessions are over."""
    conn.execute(
        update(tables.Account)
        .where(tables.Account.id == account)
        .values(active=active, session_number=tables.Account.session_number + 1)
    )


def save_subject(conn: Connection, account: int, subject: str) -> None:
    """Bind an account to who the office's own sign-in service says it is."""
    conn.execute(update(tables.Account).where(tables.Account.id == account).values(subject=subject))


def load_account(conn: Connection, account: int) -> Account | None:
    """Return the account of a key, or None."""
    return _one(conn, tables.Account.id == account)


def load_account_of(conn: Connection, login: str) -> Account | None:
    """Return the account of a login, whatever its letters' case, or None."""
    return _one(conn, tables.Account.login == login.lower())


def load_account_of_subject(conn: Connection, subject: str) -> Account | None:
    """Return the account bound to a subject of the office's own sign-in service, or None."""
    return _one(conn, tables.Account.subject == subject)


def load_accounts(conn: Connection) -> list[Account]:
    """Return all accounts, sorted by login."""
    rows = conn.execute(select(tables.Account.__table__).order_by(c_order(tables.Account.login))).all()
    return [_account(conn, row) for row in rows]


def lock_sign_in(conn: Connection, login: str) -> None:
    """Let attempts with the same login take turns until the transaction ends, so that none escapes the count."""
    number = int.from_bytes(hashlib.sha256(login.encode()).digest()[:8], "big", signed=True)
    conn.execute(select(func.pg_advisory_xact_lock(number)))


def save_failure(conn: Connection, login: str, at: datetime) -> None:
    """Count a failed attempt to sign in."""
    conn.execute(insert(tables.SignInFailure).values(login_digest=_digest(login), at=at))


def failures_since(conn: Connection, login: str, since: datetime) -> list[datetime]:
    """Return when attempts with a login failed after ``since``, the oldest first."""
    failure = tables.SignInFailure
    query = select(failure.at).where(failure.login_digest == _digest(login), failure.at > since).order_by(failure.at)
    return list(conn.scalars(query))


def forget_failures(conn: Connection, login: str | None = None, *, before: datetime | None = None) -> None:
    """Delete failed attempts: of a login, or those before a time, or both."""
    failure = tables.SignInFailure
    query = delete(failure)
    if login is not None:
        query = query.where(failure.login_digest == _digest(login))
    if before is not None:
        query = query.where(failure.at < before)
    conn.execute(query)


def _digest(login: str) -> str:
    return hashlib.sha256(login.lower().encode()).hexdigest()


def _one(conn: Connection, condition: object) -> Account | None:
    row = conn.execute(select(tables.Account.__table__).where(cast("bool", condition))).one_or_none()  # type: ignore[arg-type]
    return None if row is None else _account(conn, row)


def _account(conn: Connection, row: Row[tuple[object, ...]]) -> Account:
    role = tables.AccountRole
    query = select(role.role, role.city, role.region_code).where(role.account_id == row.id)
    grants = tuple(sorted(Grant(cast("Role", name), city, region) for name, city, region in conn.execute(query)))
    return Account(
        id=row.id,
        login=row.login,
        title=row.title,
        password_hash=row.password_hash,
        subject=row.subject,
        active=row.active,
        session_number=row.session_number,
        grants=grants,
    )
