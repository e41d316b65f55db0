"""The table of long work that goes on while nobody waits for the page."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, count, key, one_of, reference

STATES = ("waiting", "running", "done", "failed", "cancelled")


class Job(Base):
    """One piece of long work: who asked for what, where it stands and what came of it."""

    __tablename__ = "job"
    __table_args__ = (
        one_of("state", STATES),
        count("attempts"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result_iff_done"),
        Index("ix_job_open", "id", postgresql_where=text("state IN ('waiting', 'running')")),
        {"comment": "Long work, done by a process of its own and repeated when that process dies"},
    )

    id: Mapped[int] = key()
    kind: Mapped[str] = mapped_column(comment="What is to be done")
    parameters: Mapped[dict[str, Any]] = mapped_column(comment="What it is to be done with")
    account_id: Mapped[int | None] = reference("account.id", "Who asked; NULL: a program", index=True)
    state: Mapped[str] = mapped_column(server_default="waiting", comment="waiting, running, done, failed or cancelled")
    step: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"), comment="What is being done: zh, en, done and total (0: unknown)"
    )
    result: Mapped[dict[str, Any] | None] = mapped_column(comment="What came of it; NULL until done")
    fault: Mapped[dict[str, Any] | None] = mapped_column(comment="Why it failed: zh and en; NULL: it has not")
    attempts: Mapped[int] = mapped_column(server_default=text("0"), comment="How often it was begun")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was asked for")
    begun_at: Mapped[datetime | None] = mapped_column(comment="When it was last begun; NULL: never")
    ended_at: Mapped[datetime | None] = mapped_column(comment="When it ended; NULL: it has not")


class JobFile(Base):
    """The file that a job made."""

    __tablename__ = "job_file"
    __table_args__ = ({"comment": "Files that jobs made, each for who asked for it, for a few days"},)

    job_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, comment="The job that made it"
    )
    name: Mapped[str] = mapped_column(comment="Name under which it is saved")
    media_type: Mapped[str] = mapped_column(comment="What kind of file it is, as browsers are told")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="The file")
    made_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True, comment="When it was made")
