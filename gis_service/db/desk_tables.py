"""The tables of the planner's desk: drafts, and the journal of everything that was done to them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, count, key, one_of, reference

DRAFT_STATES = ("draft", "submitted", "approved", "withdrawn")
ACTIONS = ("begin", "do", "undo", "redo", "submit", "return", "approve", "withdraw")


class Draft(Base):
    """A plan of one community in the making."""

    __tablename__ = "draft"
    __table_args__ = (
        one_of("state", DRAFT_STATES),
        count("revision"),
        CheckConstraint("(state = 'approved') = (plan_id IS NOT NULL)", name="plan_iff_approved"),
        {"comment": "Plans in the making; each is its base and the steps done to it"},
    )

    id: Mapped[int] = key("Number people know it by")
    region_id: Mapped[int] = reference("region.id", "Community", index=True)
    title: Mapped[str] = mapped_column(comment="What it is called")
    state: Mapped[str] = mapped_column(server_default="draft", comment="draft, submitted, approved or withdrawn")
    rules: Mapped[dict[str, Any]] = mapped_column(comment="Rules it is judged by")
    base: Mapped[dict[str, Any]] = mapped_column(
        comment="What it began with: origin, and labels, grids and next key over units of this community"
    )
    now: Mapped[dict[str, Any]] = mapped_column(comment="Labels, grids and next key after the steps done")
    done: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), comment="Journal entries of the steps done, in their order"
    )
    undone: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), comment="Journal entries of steps that can be done again, the next one last"
    )
    revision: Mapped[int] = mapped_column(comment="Counted up by everything done; a write names the one it saw")
    plan_id: Mapped[int | None] = reference("plan.id", "The plan it became; NULL: not approved", index=True)
    account_id: Mapped[int | None] = reference("account.id", "Whose it is; NULL: a program's", index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was begun")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When something was last done")


class Journal(Base):
    """One thing done to a draft: who, when, why, before and after. Rows are never changed or deleted."""

    __tablename__ = "journal"
    __table_args__ = (
        one_of("action", ACTIONS),
        UniqueConstraint("draft", "revision"),
        Index("ix_journal_city_community", "city", "community"),
        {"comment": "Everything done to drafts; rows are added, never changed, and outlive what they tell of"},
    )

    id: Mapped[int] = key()
    draft: Mapped[int] = mapped_column(BigInteger, comment="Number of the draft, which may be gone")
    city: Mapped[str] = mapped_column(comment="Name of the city")
    community: Mapped[str] = mapped_column(comment="Code of the community")
    revision: Mapped[int] = mapped_column(comment="Revision of the draft after it")
    action: Mapped[str] = mapped_column(comment="begin, do, undo, redo, submit, return, approve or withdraw")
    record: Mapped[dict[str, Any]] = mapped_column(comment="The operation, or what was decided")
    back: Mapped[dict[str, Any]] = mapped_column(comment="What takes the operation back: the state before it")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of labels and grids after it")
    who: Mapped[str] = mapped_column(comment="Login and post of who did it, as they were then")
    reason: Mapped[str] = mapped_column(comment="Why, possibly empty")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")
    effective: Mapped[date | None] = mapped_column(comment="First day an approved plan is in force; NULL: not approved")
