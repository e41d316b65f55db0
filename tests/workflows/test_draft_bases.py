"""What drafts begin with: the units of a community are cut once, whoever asks first and how many at once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin, engine
from gis_service.db.jobs import load_job
from gis_service.plan.draft import draft_bytes
from gis_service.plan.rules import Rules
from gis_service.workflows import desk, propose_draft
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.plan_names import NOTHING
from gis_service.workflows.propose_draft import Wanted, ask_proposals
from tests.workflows import town


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("draft_bases")
    with begin(made) as conn:
        import_city(conn, town.write_town(Path(tmp_path_factory.mktemp("draft_bases")) / "town"))
    yield made
    engine(made).dispose()


def test_two_who_begin_at_once_where_no_plan_was_find_the_same_units(settings: Settings) -> None:
    gate = threading.Barrier(2)
    states: list[bytes] = []

    def run() -> None:
        gate.wait()
        with begin(settings) as conn:
            begun = desk.begin_draft(
                conn, "town", town.WEST_CODE, origin=NOTHING, title="新", rules=Rules(), account=None
            )
        states.append(draft_bytes(begun.draft))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states) == 2
    assert states[0] == states[1]
    with begin(settings) as conn:
        stored = conn.scalar(text("SELECT count(*) - count(DISTINCT (region_id, code)) FROM unit"))
    assert stored == 0


def test_nobody_waits_for_a_job_to_begin_where_no_plan_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job stands still after it has cut the units; a draft begins meanwhile, and both have the same units."""
    at_work, begun = threading.Event(), threading.Event()
    each_alternative = propose_draft.each_alternative

    def halting(*arguments: Any, **named: Any) -> Iterator[Any]:
        at_work.set()
        begun.wait(timeout=20)
        return each_alternative(*arguments, **named)

    monkeypatch.setattr(propose_draft, "each_alternative", halting)
    with begin(settings) as conn:
        grants = [Grant("planner", "town")]
        planner = stored_accounts.save_account(conn, "p", title="岗", password_hash=None, grants=grants)
        number = ask_proposals(conn, Wanted("town", town.EAST_CODE), planner)
    job = threading.Thread(target=do_one, args=(settings, WORKS, print))
    job.start()
    assert at_work.wait(timeout=60)
    with begin(settings) as conn:
        draft = desk.begin_draft(conn, "town", town.EAST_CODE, origin=NOTHING, title="新", rules=Rules(), account=None)
        assert job.is_alive(), "the draft waited for the job"
    begun.set()
    job.join()
    with begin(settings) as conn:
        ended = load_job(conn, number)
        assert ended is not None
        assert ended.state == "done", ended.fault
        name = (ended.result or {})["proposals"][0]["name"]
        after = desk.begin_draft(conn, "town", town.EAST_CODE, origin=name, title="新", rules=Rules(), account=None)
    assert after.draft.land.polygon.tolist() == draft.draft.land.polygon.tolist()
