"""Long work: asked for by anybody, taken by one process at a time, given back when that process dies.

A process that works on a job holds an advisory lock of PostgreSQL's on its number. The lock falls with the connection,
however the process ends, and so tells whether anybody still works on it: no clock and no sign of life is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from gis_service.db.frames import table_of
from gis_service.db.job_tables import Job
from gis_service.errors import Text

LOCK_SPACE = 0x6A6F62
"""First key of the advisory locks of jobs; the second is the job's number modulo 2**31."""
ATTEMPTS = 2
"""How often a job is begun; one that ends its process twice would end every process after it."""
OPEN = ("waiting", "running")
"""States of jobs that have not ended."""
DIED = Text(
    "处理这项工作的进程两次意外中止，已停止重试，请联系管理员。",
    "The process working on this died twice; it is not tried again. Tell an administrator.",
)


@dataclass(frozen=True)
class JobRecord:
    """A job as it stands.

    Parameters
    ----------
    id
        Its number.
    kind, parameters
        What is to be done, and with what.
    account_id
        Who asked; None: a program.
    state
        waiting, running, done, failed or cancelled.
    step
        What is being done, with ``zh``, ``en``, ``done`` and ``total``; empty before it tells.
    result
        What came of it; None until done.
    fault
        Why it failed; None: it has not.
    attempts
        How often it was begun.
    created_at, begun_at, ended_at
        When; None: not yet.
    """

    id: int
    kind: str
    parameters: dict[str, Any]
    account_id: int | None
    state: str
    step: dict[str, Any]
    result: dict[str, Any] | None
    fault: Text | None
    attempts: int
    created_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None


def save_job(conn: Connection, kind: str, parameters: Mapping[str, Any], *, account_id: int | None) -> int:
    """Ask for work and return its number; it can be taken once the transaction is committed."""
    row = {"kind": kind, "parameters": dict(parameters), "account_id": account_id}
    return conn.scalars(insert(Job).values(row).returning(Job.id)).one()


def open_jobs(conn: Connection, account_id: int) -> int:
    """Return how many jobs of an account wait or are at work."""
    own = (Job.account_id == account_id) & Job.state.in_(OPEN)
    return conn.scalars(select(func.count()).select_from(Job).where(own)).one()


def load_job(conn: Connection, number: int) -> JobRecord | None:
    """Return a job, or None."""
    row = conn.execute(select(table_of(Job)).where(Job.id == number)).one_or_none()
    return None if row is None else _record(row)


def take_job(conn: Connection) -> JobRecord | None:
    """Take the job that has waited longest, or one whose process died; None where there is none.

    Parameters
    ----------
    conn
        A transaction on the connection that the caller keeps open, for it alone, until it has given the job back: the
        lock that says somebody works on it belongs to this connection.
    """
    orphans = [
        number
        for number in conn.scalars(select(Job.id).where(Job.state == "running").order_by(Job.id)).all()
        if conn.scalar(select(func.pg_try_advisory_xact_lock(*_lock(number))))
    ]
    for number in orphans:
        again = Job.attempts < ATTEMPTS
        died = (Job.id == number) & (Job.state == "running")
        conn.execute(update(Job).where(died, again).values(state="waiting"))
        conn.execute(
            update(Job).where(died, ~again).values(state="failed", fault=_words(DIED), ended_at=func.clock_timestamp())
        )
    waiting = select(Job.id).where(Job.state == "waiting").order_by(Job.id).limit(1).with_for_update(skip_locked=True)
    next_one = conn.scalar(waiting)
    if next_one is None or not conn.scalar(select(func.pg_try_advisory_lock(*_lock(next_one)))):
        return None
    taken = {"state": "running", "attempts": Job.attempts + 1, "begun_at": func.clock_timestamp(), "step": {}}
    row = conn.execute(update(Job).where(Job.id == next_one).values(taken).returning(*table_of(Job).columns)).one()
    return _record(row)


def give_back(conn: Connection, number: int) -> None:
    """Let go of a job that was taken on this connection, whatever became of it."""
    conn.execute(select(func.pg_advisory_unlock(*_lock(number))))


def put_back(conn: Connection, job: JobRecord) -> None:
    """Let a job wait again whose process is told to end; unlike a death, that does not count as an attempt."""
    values: dict[str, Any] = {"state": "waiting", "attempts": Job.attempts - 1, "begun_at": None, "step": {}}
    conn.execute(update(Job).where(_ours(job)).values(values))


def save_step(conn: Connection, job: JobRecord, step: Text, done: int, total: int) -> bool:
    """Tell where a job stands and return whether it is still wanted of who took it."""
    told = _words(step) | {"done": done, "total": total}
    return conn.execute(update(Job).where(_ours(job)).values(step=told)).rowcount == 1


def save_result(conn: Connection, job: JobRecord, result: Mapping[str, Any]) -> bool:
    """End a job and return whether it was still wanted of who took it; where not, the caller rolls its work back."""
    values = {"state": "done", "result": dict(result), "ended_at": func.clock_timestamp()}
    return conn.execute(update(Job).where(_ours(job)).values(values)).rowcount == 1


def save_fault(conn: Connection, job: JobRecord, fault: Text) -> None:
    """End a job that failed, unless it is no longer wanted of who took it."""
    values = {"state": "failed", "fault": _words(fault), "ended_at": func.clock_timestamp()}
    conn.execute(update(Job).where(_ours(job)).values(values))


def is_wanted(conn: Connection, job: JobRecord) -> bool:
    """Return whether a job that was taken has been neither cancelled nor taken by another process since."""
    given_up = (Job.state == "cancelled") | (Job.attempts != job.attempts)
    return conn.scalar(select(Job.id).where(Job.id == job.id, ~given_up)) is not None


def cancel_job(conn: Connection, number: int) -> bool:
    """Cancel a job that has not ended and return whether it had not."""
    open_still = (Job.id == number) & Job.state.in_(OPEN)
    values = {"state": "cancelled", "ended_at": func.clock_timestamp()}
    return conn.execute(update(Job).where(open_still).values(values)).rowcount == 1


def _ours(job: JobRecord) -> ColumnElement[bool]:
    """Return the condition that nobody cancelled the job, or took it again after our connection was lost."""
    return (Job.id == job.id) & (Job.state == "running") & (Job.attempts == job.attempts)


def _lock(number: int) -> tuple[int, int]:
    return LOCK_SPACE, number % 2**31


def _words(words: Text) -> dict[str, Any]:
    return {"zh": words.zh, "en": words.en}


def _record(row: Row[Any]) -> JobRecord:
    values = dict(row._mapping)  # noqa: SLF001 SQLAlchemy's documented way to a row's names
    fault = values.pop("fault")
    return JobRecord(**values, fault=None if fault is None else Text(**fault))
