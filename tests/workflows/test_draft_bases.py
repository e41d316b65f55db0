"""What drafts begin with: the units of a community are cut once, whoever asks first and how many at once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db.engine import begin, engine
from gis_service.plan.draft import draft_bytes
from gis_service.plan.rules import Rules
from gis_service.workflows import desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.plan_names import NOTHING
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
