"""A process that does long work, one job after the other."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.accounts import Account
from gis_service.db.engine import Connection, begin, engine, reading
from gis_service.db.jobs import JobRecord
from gis_service.errors import DatabaseUnavailableError, GisServiceError, InputError, Text
from gis_service.workflows.progress import Report

Tell = Callable[[BaseException], None]
Work = Callable[[Connection, JobRecord, Report], Mapping[str, Any]]
"""Does one job in the transaction it is given and returns what came of it, as plain values."""

TELL_EVERY_S = 0.5
"""Progress is written no more often than this [s]."""
LOOK_EVERY_S = 0.5
"""How often a job at work is looked after [s]."""
GRACE_S = 1.0
"""A job that is no longer wanted may end by itself, where it next tells its progress, for this long [s]."""
MOST_OPEN = 20
"""Jobs that one account may have waiting or at work; nine papers of two plans are fewer."""
OUR_FAULT = Text(
    "程序出错，这项工作没有完成，也没有写入任何内容。",
    "This is our fault; the work is not done and nothing was written.",
)
UNKNOWN_KIND = Text("这个版本的程序不认识这项工作。", "This version of the software does not know this kind of work.")


def ask_job(conn: Connection, kind: str, parameters: Mapping[str, Any], account: Account) -> int:
    """Ask for work in somebody's name and return its number; it can be taken once the transaction is committed.

    Raises
    ------
    InputError
        The account has `MOST_OPEN` jobs that have not ended: colleagues need not wait for all of them.
    """
    if jobs.open_jobs(conn, account.id) >= MOST_OPEN:
        raise InputError(
            Text(
                f"您已有 {MOST_OPEN} 项任务在排队，请等它们完成，或先取消几项",
                f"{MOST_OPEN} jobs of yours have not ended; wait for them, or cancel some",
            )
        )
    return jobs.save_job(conn, kind, parameters, account_id=account.id)


class CancelledError(Exception):
    """The job is no longer wanted."""


def do_one(
    settings: Settings, works: Mapping[str, Work], on_fault: Tell, *, on_unwanted: Callable[[], None] | None = None
) -> JobRecord | None:
    """Take one job and do it; return it as it was taken, or None where none waits.

    What the job writes is committed together with its end, so that a job is done once or not at all. A job that is
    cancelled, fails or loses its process leaves nothing behind; one whose process is told to end waits again.

    Parameters
    ----------
    settings
        Names the database.
    works
        What is done for each kind.
    on_fault
        Told what went wrong where that is our fault; the job's reader is not told more than that.
    on_unwanted
        Called from another thread when the job at work is cancelled and does not end by itself: to leave the process,
        which is the one way to stop a long calculation at once. The database then takes back what was written. None:
        the job goes on until it next tells its progress.
    """
    with engine(settings).connect() as holder:
        with holder.begin():
            job = jobs.take_job(holder)
        if job is None:
            return None
        try:
            with _watched(settings, job, on_unwanted):
                _do(settings, works, job, on_fault)
        except (KeyboardInterrupt, SystemExit):
            with holder.begin():
                jobs.put_back(holder, job)
            raise
        finally:
            with holder.begin():
                jobs.give_back(holder, job.id)
    return job


@contextmanager
def _watched(settings: Settings, job: JobRecord, on_unwanted: Callable[[], None] | None) -> Iterator[None]:
    """Look after a job while it is at work."""
    if on_unwanted is None:
        yield
        return
    ended = Event()
    watcher = Thread(target=_watch, args=(settings, job, ended, on_unwanted), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(settings: Settings, job: JobRecord, ended: Event, on_unwanted: Callable[[], None]) -> None:
    while not ended.wait(LOOK_EVERY_S):
        try:
            with reading(settings) as conn:
                wanted = jobs.is_wanted(conn, job)
        except DatabaseUnavailableError:
            continue  # the job itself notices, or the database comes back
        if not wanted and not ended.wait(GRACE_S):
            on_unwanted()
            return


def _do(settings: Settings, works: Mapping[str, Work], job: JobRecord, on_fault: Tell) -> None:
    fault: Text | None = None
    try:
        work = works.get(job.kind)
        if work is None:
            fault = UNKNOWN_KIND
        else:
            with begin(settings) as conn:
                result = work(conn, job, _report(settings, job))
                if not jobs.save_result(conn, job, result):
                    raise CancelledError  # noqa: TRY301 rolls the work back
    except CancelledError:
        return
    except GisServiceError as error:
        fault = error.text
    except Exception as error:  # noqa: BLE001 the next job must be done all the same
        on_fault(error)
        fault = OUR_FAULT
    if fault is not None:
        with begin(settings) as conn:
            jobs.save_fault(conn, job, fault)


def _report(settings: Settings, job: JobRecord) -> Report:
    """Return what writes a job's progress in transactions of its own, and ends work that is no longer wanted."""
    last_told = float("-inf")

    def report(step: Text, done: int, total: int) -> None:
        nonlocal last_told
        now = time.monotonic()
        if now - last_told < TELL_EVERY_S:
            return
        last_told = now
        with begin(settings) as conn:
            wanted = jobs.save_step(conn, job, step, done, total)
        if not wanted:
            raise CancelledError

    return report
