"""Long work: done once or not at all, whatever becomes of the process that does it."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.engine import Connection, begin, engine, reading
from gis_service.db.jobs import JobRecord
from gis_service.errors import InputError, Text
from gis_service.workflows.jobs import LOOK_EVERY_S, OUR_FAULT, UNKNOWN_KIND, Work, do_one
from gis_service.workflows.progress import Report

ROOT = Path(__file__).resolve().parents[2]
STEP = Text("数数", "count")


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings]) -> Iterator[Settings]:
    made = make_database("jobs")
    with begin(made) as conn:
        conn.execute(text("CREATE TABLE written (job bigint)"))
    yield made
    engine(made).dispose()


@pytest.fixture(autouse=True)
def _empty(settings: Settings) -> None:
    with begin(settings) as conn:
        conn.execute(text("TRUNCATE job, written CASCADE"))


def ask(settings: Settings, kind: str, **parameters: object) -> int:
    with begin(settings) as conn:
        return jobs.save_job(conn, kind, parameters, account_id=None)


def state(settings: Settings, number: int) -> JobRecord:
    with reading(settings) as conn:
        found = jobs.load_job(conn, number)
    assert found is not None
    return found


def written(settings: Settings) -> list[int]:
    with reading(settings) as conn:
        return list(conn.scalars(text("SELECT job FROM written")))


def write(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
    report(STEP, 1, 2)
    conn.execute(text("INSERT INTO written VALUES (:job)"), {"job": job.id})
    return {"twice": 2 * job.parameters["number"]}


def work(settings: Settings, works: Mapping[str, Work], faults: list[BaseException] | None = None) -> JobRecord | None:
    return do_one(settings, works, [].append if faults is None else faults.append)


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(settings: Settings) -> None:
    first, second = ask(settings, "write", number=4), ask(settings, "write", number=5)
    assert state(settings, first).state == "waiting"
    done = [work(settings, {"write": write}) for _ in range(3)]
    assert [job.id if job else None for job in done] == [first, second, None]
    ended = state(settings, first)
    assert (ended.state, ended.result, ended.attempts) == ("done", {"twice": 8}, 1)
    assert ended.step == {"zh": STEP.zh, "en": STEP.en, "done": 1, "total": 2}
    assert written(settings) == [first, second]


def test_a_fault_in_the_input_is_told_and_nothing_is_written(settings: Settings) -> None:
    said = Text("文件第 3 行错", "row 3")

    def refuse(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        write(conn, job, report)
        raise InputError(said)

    number = ask(settings, "refuse", number=1)
    work(settings, {"refuse": refuse})
    assert (state(settings, number).state, state(settings, number).fault) == ("failed", said)
    assert written(settings) == []


def test_our_own_fault_is_told_to_the_operator_and_the_next_job_is_done(settings: Settings) -> None:
    def break_down(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        write(conn, job, report)
        raise ZeroDivisionError

    broken, fine = ask(settings, "break", number=1), ask(settings, "write", number=1)
    faults: list[BaseException] = []
    for _ in range(2):
        work(settings, {"break": break_down, "write": write}, faults)
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
    assert state(settings, broken).fault == OUR_FAULT
    assert state(settings, fine).state == "done"
    assert written(settings) == [fine]


def test_a_job_of_another_version_fails_in_words(settings: Settings) -> None:
    number = ask(settings, "of the future")
    work(settings, {})
    assert state(settings, number).fault == UNKNOWN_KIND


def test_a_job_cancelled_while_it_waits_is_never_begun(settings: Settings) -> None:
    number = ask(settings, "write", number=1)
    with begin(settings) as conn:
        assert jobs.cancel_job(conn, number)
        assert not jobs.cancel_job(conn, number)
    assert work(settings, {"write": write}) is None


def test_a_job_cancelled_while_it_runs_leaves_nothing(settings: Settings) -> None:
    def cancelled(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        result = write(conn, job, report)
        with begin(settings) as other:
            assert jobs.cancel_job(other, job.id)
        return result

    number = ask(settings, "write", number=1)
    work(settings, {"write": cancelled})
    assert state(settings, number).state == "cancelled"
    assert written(settings) == []


def test_two_processes_never_take_the_same_job(settings: Settings) -> None:
    taken = []

    def take_another(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        taken.append(job.id)
        work(settings, {"write": take_another})
        return {}

    asked = [ask(settings, "write", number=1) for _ in range(3)]
    work(settings, {"write": take_another})
    assert taken == asked
    assert [state(settings, number).attempts for number in asked] == [1, 1, 1]


def test_whoever_lost_a_job_to_another_process_cannot_end_it(settings: Settings) -> None:
    def lose(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        with begin(settings) as other:
            other.execute(text("UPDATE job SET attempts = attempts + 1 WHERE id = :job"), {"job": job.id})
        return write(conn, job, report)

    number = ask(settings, "write", number=1)
    work(settings, {"write": lose})
    assert state(settings, number).state == "running"
    assert written(settings) == []


DIES = textwrap.dedent(
    """
    import os, sys, time
    from gis_service.config import Settings
    from gis_service.workflows.jobs import do_one
    from sqlalchemy import text

    def work(conn, job, report):
        conn.execute(text("INSERT INTO written VALUES (:job)"), {"job": job.id})
        print("begun", flush=True)
        time.sleep(600)

    do_one(Settings(database_url=sys.argv[1]), {"write": work}, print)
    """
)


def test_a_job_whose_process_is_killed_is_begun_again_and_given_up_after_the_second_time(settings: Settings) -> None:
    number = ask(settings, "write", number=7)
    for attempt in (1, 2):
        command = [sys.executable, "-c", DIES, str(settings.database_url)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as dying:
            assert dying.stdout is not None
            assert dying.stdout.readline() == b"begun\n"
            assert work(settings, {"write": write}) is None, "taken while another works on it"
            dying.kill()
        assert state(settings, number).attempts == attempt
        if attempt == 1:
            _until_nobody_holds_it(settings)
    _until_nobody_holds_it(settings)
    assert work(settings, {"write": write}) is None
    assert (state(settings, number).state, state(settings, number).fault) == ("failed", jobs.DIED)
    assert written(settings) == []


def test_a_job_whose_process_was_killed_once_is_done_the_second_time(settings: Settings) -> None:
    number = ask(settings, "write", number=7)
    with begin(settings) as conn:
        conn.execute(text("UPDATE job SET state = 'running', attempts = 1 WHERE id = :job"), {"job": number})
    assert work(settings, {"write": write}) is not None
    assert (state(settings, number).state, state(settings, number).attempts) == ("done", 2)


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_a_job_whose_process_is_told_to_end_waits_again_and_has_not_been_tried(
    settings: Settings, end: type[BaseException]
) -> None:
    def leave(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        write(conn, job, report)
        raise end

    number = ask(settings, "write", number=7)
    for _ in range(jobs.ATTEMPTS + 1):
        with pytest.raises(end):
            work(settings, {"write": leave})
        waiting = state(settings, number)
        assert (waiting.state, waiting.attempts, waiting.step) == ("waiting", 0, {})
    assert written(settings) == []
    work(settings, {"write": write})
    assert state(settings, number).state == "done"


SPINS = textwrap.dedent(
    """
    import os, sys, time
    from gis_service.config import Settings
    from gis_service.workflows.jobs import do_one
    from sqlalchemy import text

    def spin(conn, job, report):
        conn.execute(text("INSERT INTO written VALUES (:job)"), {"job": job.id})
        print("begun", os.getpid(), flush=True)
        time.sleep(600)

    def write(conn, job, report):
        conn.execute(text("INSERT INTO written VALUES (:job)"), {"job": job.id})
        print("done", os.getpid(), flush=True)
        return {}

    def begin_anew():
        os.execv(sys.executable, sys.orig_argv)

    works = {"spin": spin, "write": write}
    while do_one(Settings(database_url=sys.argv[1]), works, print, on_unwanted=begin_anew):
        pass
    """
)


def test_a_long_calculation_that_is_cancelled_ends_at_once_and_the_next_job_is_done(settings: Settings) -> None:
    cancelled, wanted = ask(settings, "spin"), ask(settings, "write")
    command = [sys.executable, "-c", SPINS, str(settings.database_url)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as working:
        assert working.stdout is not None
        number = working.stdout.readline().split()[1]
        with begin(settings) as conn:
            assert jobs.cancel_job(conn, cancelled)
        assert working.stdout.readline().split() == [b"done", number], "the same process, begun anew"
    assert working.returncode == 0
    assert state(settings, cancelled).state == "cancelled"
    assert state(settings, wanted).state == "done"
    assert written(settings) == [wanted]


def test_a_job_that_ends_by_itself_is_never_taken_for_unwanted(settings: Settings) -> None:
    left: list[bool] = []

    def slow(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        time.sleep(3 * LOOK_EVERY_S)
        return {}

    def refused(conn: Connection, job: JobRecord, report: Report) -> Mapping[str, Any]:
        time.sleep(LOOK_EVERY_S)
        raise InputError(Text("不行", "no"))

    for kind, work_of_kind in (("slow", slow), ("refused", refused)):
        ask(settings, kind)
        assert do_one(settings, {kind: work_of_kind}, print, on_unwanted=lambda: left.append(True)) is not None
    assert left == []


def _until_nobody_holds_it(settings: Settings) -> None:
    """Wait until the server has noticed that a killed process is gone."""
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :space")
    for _ in range(200):
        with reading(settings) as conn:
            if not conn.scalar(held, {"space": jobs.LOCK_SPACE}):
                return
        time.sleep(0.05)
    raise AssertionError
