"""Proposals as a job: what is asked for is checked, three plans come out, and nothing is left of a cancelled one."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import cities, jobs, plans
from gis_service.db.accounts import Account, Grant
from gis_service.db.engine import begin, engine, reading
from gis_service.db.jobs import JobRecord
from gis_service.db.regions import path_of_community
from gis_service.errors import InputError, NotAllowedError, UnknownCityError, UnknownPlanError
from gis_service.plan.operations import Assign, Note
from gis_service.plan.priorities import WISHES
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import NOTHING
from gis_service.workflows.propose_draft import KIND, Wanted, ask_proposals, wanted_of
from tests.workflows import town

WEST = Wanted("town", town.WEST_CODE)


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("propose")
    with begin(made) as conn:
        import_city(conn, town.write_town(Path(tmp_path_factory.mktemp("propose")) / "town"))
        partition_city(conn, "town", rules=Rules(), communities=[town.EAST_CODE], plan="now")
    yield made
    engine(made).dispose()


@pytest.fixture(scope="module")
def planner(settings: Settings) -> Account:
    with begin(settings) as conn:
        return stored_accounts.save_account(
            conn, "p", title="规划岗", password_hash=None, grants=[Grant("planner", "town", town.WEST_CODE)]
        )


def asked(settings: Settings, wanted: Wanted, account: Account | None = None) -> JobRecord:
    with begin(settings) as conn:
        number = (
            jobs.save_job(conn, KIND, asdict(wanted), account_id=None)
            if account is None
            else ask_proposals(conn, wanted, account)
        )
    return job(settings, number)


def job(settings: Settings, number: int) -> JobRecord:
    with reading(settings) as conn:
        found = jobs.load_job(conn, number)
    assert found is not None
    return found


def done(settings: Settings, wanted: Wanted) -> dict[str, Any]:
    number = asked(settings, wanted).id
    faults: list[BaseException] = []
    do_one(settings, WORKS, faults.append)
    ended = job(settings, number)
    assert ended.state == "done", (ended.fault, faults)
    assert ended.result is not None
    return ended.result


def test_three_plans_are_stored_and_told_with_their_figures(settings: Settings, planner: Account) -> None:
    number = asked(settings, replace(WEST, wish="balance", target=350), planner).id
    do_one(settings, WORKS, print)
    ended = job(settings, number)
    assert ended.result is not None
    told = ended.result["proposals"]
    assert told[0]["name"] == f"proposal-{number}-balance"
    assert {each["wish"] for each in told} <= set(WISHES)
    with reading(settings) as conn:
        city = cities.load_city(conn, "town")
        for each in told:
            (record,) = plans.load_plans(conn, city, each["name"])
            grids = plans.load_grids(conn, city, [record])
            assert record.community_code == town.WEST_CODE
            assert record.rules["target_households"] == 350
            assert record.rules["soft_order"][2] == each["wish"]
            assert record.account["options"] == {"keep_estates": True, "follow_barriers": True}
            assert grids["households"].sum() == 1000
            assert each["grids"] == len(grids) == sum(each["statuses"].values())
            assert each["in_range"] == (grids["status"] == "normal").sum()
            assert (each["largest"], each["smallest"]) == (grids["households"].max(), grids["households"].min())
            assert each["households_moved"] is None
        shown = [record for record in plans.load_plans(conn, city) if record.community_code == town.WEST_CODE]
    assert not shown, "nobody adopted any of them"


def test_the_same_request_makes_the_same_plans(settings: Settings) -> None:
    first, second = done(settings, WEST)["proposals"], done(settings, WEST)["proposals"]
    assert [each | {"name": ""} for each in first] == [each | {"name": ""} for each in second]
    with reading(settings) as conn:
        city = cities.load_city(conn, "town")
        one, two = (
            plans.load_assignment(conn, city, plans.load_plans(conn, city, each[0]["name"])).units["grid_code"].tolist()
            for each in (first, second)
        )
    assert one == two


def test_from_a_plan_only_what_must_moves_and_locked_grids_stay(settings: Settings) -> None:
    east = replace(WEST, community=town.EAST_CODE, start="now")
    with reading(settings) as conn:
        city = cities.load_city(conn, "town")
        now = plans.load_grids(conn, city, plans.load_plans(conn, city, "now"))
    lock = str(now["code"].iloc[0])
    told = done(settings, replace(east, locked=(lock,)))["proposals"]
    assert told[0]["households_moved"] == 0
    with reading(settings) as conn:
        after = plans.load_grids(conn, city, plans.load_plans(conn, city, told[0]["name"]))
    kept = after[after["code"] == lock].geometry.iloc[0]
    assert kept.symmetric_difference(now.geometry.iloc[0]).area < 1e-3
    assert len(told) < len(WISHES), "the same division is told once"


def test_proposals_go_on_with_the_codes_in_force_and_give_none_that_ended_again(settings: Settings) -> None:
    """The first plan approved has a grid of one unit more, so that codes end with the second."""
    asks = replace(WEST, target=350)
    origin = done(settings, asks)["proposals"][0]["name"]
    before = approved(settings, origin, date(2026, 1, 1), more=True)
    now = approved(settings, origin, date(2026, 2, 1), more=False)
    ended = set(before["code"]) - set(now["code"])
    assert ended
    again = plan_of(settings, done(settings, asks)["proposals"][0]["name"])
    assert again[["code", "name"]].to_dict("list") == now[["code", "name"]].to_dict("list")
    for one, other in zip(again.geometry, now.geometry, strict=True):
        assert one.symmetric_difference(other).area < 1
    for each in done(settings, replace(WEST, target=500))["proposals"]:
        assert not ended & set(plan_of(settings, each["name"])["code"])
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft"))
        conn.execute(text("DELETE FROM plan WHERE effective_from IS NOT NULL"))


def approved(settings: Settings, origin: str, effective: date, *, more: bool) -> gpd.GeoDataFrame:
    """Approve a plan of the west, perhaps with one unit as a grid of its own, and return its grids."""
    with begin(settings) as conn:
        account = stored_accounts.load_account_of(conn, "both") or stored_accounts.save_account(
            conn, "both", title="岗", password_hash=None, grants=[Grant("planner", "town"), Grant("reviewer", "town")]
        )
        other = stored_accounts.load_account_of(conn, "other") or stored_accounts.save_account(
            conn, "other", title="岗", password_hash=None, grants=[Grant("reviewer", "town")]
        )
        opened = desk.begin_draft(conn, "town", town.WEST_CODE, origin=origin, title="调", rules=Rules(), account=None)
        number, land = opened.record.id, opened.draft.land
        if more:
            unit = next(code for code in land.code.tolist() if land.unit(code).households)
            alone = Assign(((opened.draft.next_key, (unit,)),))
            opened = desk.act(conn, number, "do", operation=alone, seen=0, account=account)
            for seen, key in enumerate(opened.draft.grids, start=1):
                opened = desk.act(conn, number, "do", operation=Note(key, "试"), seen=seen, account=account)
        seen = opened.record.revision
        approval.submit(conn, number, seen=seen, account=account, reason="")
        approval.approve(conn, number, seen=seen + 1, account=other, reason="", effective=effective, backdated=True)
    return plan_of(settings, f"approved-{number}")


def plan_of(settings: Settings, name: str) -> gpd.GeoDataFrame:
    with reading(settings) as conn:
        city = cities.load_city(conn, "town")
        return plans.load_grids(conn, city, plans.load_plans(conn, city, name))


def test_borders_need_not_follow_roads_where_that_is_not_wished(settings: Settings) -> None:
    """All the same, they are measured by the roads there are."""
    told = done(settings, replace(WEST, follow_barriers=False, keep_estates=False))["proposals"]
    assert all(0 <= each["share_on_lines"] <= 1 for each in told)
    with reading(settings) as conn:
        (record,) = plans.load_plans(conn, cities.load_city(conn, "town"), told[0]["name"])
    assert record.account["options"] == {"keep_estates": False, "follow_barriers": False}


def test_a_cancelled_job_leaves_no_plan(settings: Settings) -> None:
    number = asked(settings, WEST).id

    def cancel_in_between(conn: Any, taken: JobRecord, report: Any) -> Any:
        def told(step: Any, part: int, total: int) -> None:
            if part == 2:
                with begin(settings) as other:
                    assert jobs.cancel_job(other, taken.id)
            report(step, part, total)

        return WORKS[KIND](conn, taken, told)

    do_one(settings, {KIND: cancel_in_between}, print)
    assert job(settings, number).state == "cancelled"
    with reading(settings) as conn, pytest.raises(UnknownPlanError):
        plans.load_plans(conn, cities.load_city(conn, "town"), f"proposal-{number}-lines")


def test_what_is_wrong_is_told_before_a_job_is_made(settings: Settings, planner: Account) -> None:
    everywhere = replace(planner, grants=(Grant("planner"),))
    wrong: list[tuple[Wanted, Account, type[Exception], str]] = [
        (replace(WEST, city="nowhere"), planner, UnknownCityError, "nowhere"),
        (replace(WEST, community=town.EAST_CODE), planner, NotAllowedError, "不是社区"),
        (replace(WEST, community="999"), everywhere, InputError, "没有社区 999"),
        (replace(WEST, target=501), planner, InputError, "目标户数 501"),
        (replace(WEST, start="today"), planner, InputError, "没有可以沿用的网格"),
        (replace(WEST, start="never"), planner, UnknownPlanError, "never"),
        (replace(WEST, community=town.EAST_CODE, start="now", locked=("1",)), everywhere, InputError, "要锁定的网格 1"),
    ]
    with reading(settings) as conn:
        for wanted, account, kind, said in wrong:
            with pytest.raises(kind, match=said):
                ask_proposals(conn, wanted, account)


def test_a_fault_found_later_reaches_the_reader(settings: Settings) -> None:
    number = asked(settings, replace(WEST, target=501)).id
    do_one(settings, WORKS, print)
    fault = job(settings, number).fault
    assert fault is not None
    assert "目标户数 501" in fault.zh


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"basis": "people"}, "basis"),
        ({"wish": "size"}, "wish"),
        ({"target": "many"}, "target"),
        ({"target": True}, "target"),
        ({"seed": -1}, "seed"),
        ({"locked": "350"}, "locked"),
        ({"locked": ["350"]}, "锁定"),
        ({"keep_estates": "yes"}, "keep_estates"),
        ({"community": ""}, "community"),
        ({"city": 3}, "city"),
    ],
)
def test_values_of_another_kind_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        wanted_of({"city": "town", "community": town.WEST_CODE} | values)


def test_what_is_not_said_is_as_usual() -> None:
    assert wanted_of({"city": "town", "community": "1", "target": "", "start": "", "seed": "7"}) == Wanted(
        "town", "1", start=NOTHING, seed=7
    )
    wanted = Wanted("town", "1", target=350, start="today", locked=("a", "b"), keep_estates=False)
    assert wanted_of(asdict(wanted)) == wanted


def test_the_way_from_a_community_upwards(settings: Settings) -> None:
    with reading(settings) as conn:
        city = cities.load_city(conn, "town")
        path = path_of_community(conn, city, town.WEST_CODE)
        assert path == (
            (town.WEST_CODE, "西社区"),
            ("999901001000", "合成街道"),
            ("999901000000", "合成区"),
            ("999900000000", "合成市"),
        )
        assert path_of_community(conn, city, "999901001000") == ()
