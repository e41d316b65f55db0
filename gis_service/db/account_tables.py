"""The tables of accounts: who may sign in, what for and where, and failed attempts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, key, one_of, reference

ROLES = ("planner", "reviewer", "auditor", "administrator")


class Account(Base):
    """Somebody of the office who may sign in."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("login"),
        UniqueConstraint("subject"),
        CheckConstraint("login = lower(login) AND login <> ''", name="login_lower"),
        {"comment": "Staff who may sign in; residents never have one"},
    )

    id: Mapped[int] = key()
    login: Mapped[str] = mapped_column(comment="Name typed to sign in, in small letters")
    title: Mapped[str] = mapped_column(comment="Post or office that people read beside what was done")
    password_hash: Mapped[str | None] = mapped_column(comment="argon2id; NULL: signs in with the office's own service")
    subject: Mapped[str | None] = mapped_column(
        comment="Issuer and subject of the office's sign-in service; NULL: never signed in with it"
    )
    active: Mapped[bool] = mapped_column(server_default="true", comment="False: may no longer sign in")
    session_number: Mapped[int] = mapped_column(
        server_default="0", comment="Sessions of an earlier number are over: counted up by a new password or block"
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was made")


class AccountRole(Base):
    """What an account may do, and where."""

    __tablename__ = "account_role"
    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("city <> '' OR region_code = ''", name="region_in_city"),
        {"comment": "Roles of accounts, each bound to a region; names and codes, so that a re-import keeps them"},
    )

    account_id: Mapped[int] = reference("account.id", "Account", primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True, comment="planner, reviewer, auditor or administrator")
    city: Mapped[str] = mapped_column(primary_key=True, comment="Name of the city; empty: every city")
    region_code: Mapped[str] = mapped_column(
        primary_key=True, comment="Code of the region, which includes what lies in it; empty: the whole city"
    )


class SignInFailure(Base):
    """One failed attempt to sign in, kept for as long as it counts."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_login_digest_at", "login_digest", "at"),
        {"comment": "Failed attempts to sign in; of the name only a digest, for people type passwords there"},
    )

    id: Mapped[int] = key()
    login_digest: Mapped[str] = mapped_column(comment="SHA-256 of the name that was typed")
    at: Mapped[datetime] = mapped_column(comment="When")
