"""Plans that the desk makes: all are offered, and old proposals are forgotten where nobody needs them."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import cities, plans
from gis_service.db.accounts import Account, Grant, Role
from gis_service.db.desk_lists import load_community_plans
from gis_service.db.engine import begin, engine
from gis_service.db.layers import load_edition
from gis_service.plan.draft import draft_bytes
from gis_service.plan.priorities import WISHES
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.compare_plans import compare_versions
from gis_service.workflows.desk_plans import PROPOSAL, desk_title, forget_old_proposals, proposal_name
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_versions import title_of_plan
from gis_service.workflows.propose_draft import Wanted, ask_proposals
from tests.workflows import town


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("desk_plans")
    with begin(made) as conn:
        import_city(conn, town.write_town(Path(tmp_path_factory.mktemp("desk_plans")) / "town"))
        partition_city(conn, "town", rules=Rules(), several=True)
    yield made
    engine(made).dispose()


def somebody(conn: Connection, role: Role) -> Account:
    return stored_accounts.save_account(
        conn, role, title="岗", password_hash=None, grants=[Grant(role, "town", town.WEST_CODE)]
    )


def copied(conn: Connection, name: str, days: int) -> None:
    """Store the plan ``proposal`` of the west once more, under a name and so many days old."""
    city = cities.load_city(conn, "town")
    (record,) = (each for each in plans.load_plans(conn, city, "proposal") if each.community_code == town.WEST_CODE)
    units = plans.load_assignment(conn, city, [record]).units.sort_values("code")
    grids = plans.load_grids(conn, city, [record])
    row = {code: at for at, code in enumerate(grids["code"])}
    labels = units["grid_code"].map(row).to_numpy("int64")
    plan = plans.save_plan(
        conn, city, town.WEST_CODE, name=name, rules=record.rules, findings=record.findings, account=record.account,
        seed=1, software_version="0", labels=labels, grids=grids, tentative=PROPOSAL.fullmatch(name) is not None,
    )  # fmt: skip
    conn.execute(
        text("UPDATE plan SET created_at = now() - make_interval(days => :days) WHERE id = :plan"),
        {"days": days, "plan": plan},
    )


def offered(conn: Connection) -> list[str]:
    edition = load_edition(conn, cities.load_city(conn, "town"))
    return [plan.name for plan in load_community_plans(conn, edition, town.WEST_CODE)]


def begun(conn: Connection, origin: str) -> desk.OpenDraft:
    return desk.begin_draft(conn, "town", town.WEST_CODE, origin=origin, title="调整", rules=Rules(), account=None)


def test_every_plan_of_a_community_is_offered_the_one_shown_first(conn: Connection) -> None:
    copied(conn, "proposal-7-lines", 2)
    copied(conn, "proposal-7-balance", 1)
    names = offered(conn)
    assert names[0] == "proposal"
    assert set(names) == {
        "proposal",
        "proposal-compactness",
        "proposal-balance",
        "proposal-7-lines",
        "proposal-7-balance",
    }
    assert names.index("proposal-7-balance") < names.index("proposal-7-lines"), "the newest first"
    for name in names:
        assert begun(conn, name).record.base["origin"] == name
        assert compare_versions(conn, "town", town.WEST_CODE, "proposal", name).new.name == name


def test_an_approved_plan_is_offered_first_and_those_before_it_next(conn: Connection) -> None:
    planner, reviewer = somebody(conn, "planner"), somebody(conn, "reviewer")
    numbers = []
    for month in (1, 2):
        number = begun(conn, "proposal").record.id
        approval.submit(conn, number, seen=0, account=planner, reason="")
        approval.approve(
            conn, number, seen=1, account=reviewer, reason="", effective=date(2026, month, 1), backdated=True
        )
        numbers.append(number)
    assert offered(conn)[:3] == [f"approved-{numbers[1]}", f"approved-{numbers[0]}", "proposal"]


def test_old_proposals_are_forgotten_unless_worked_on(conn: Connection) -> None:
    for name, days in (
        ("proposal-1-lines", 31),
        ("proposal-1-balance", 31),
        ("proposal-2-lines", 31),
        ("proposal-3-lines", 29),
        ("mine", 400),
    ):
        copied(conn, name, days)
    open_one, given_up = begun(conn, "proposal-1-balance"), begun(conn, "proposal-2-lines")
    planner = somebody(conn, "planner")
    approval.withdraw(conn, given_up.record.id, seen=0, account=planner, reason="")
    city = cities.load_city(conn, "town")
    assert sorted(forget_old_proposals(conn, city, town.WEST_CODE)) == ["proposal-1-lines", "proposal-2-lines"]
    left = offered(conn)
    assert {"proposal-1-balance", "proposal-3-lines", "mine", "proposal"} <= set(left)
    assert not {"proposal-1-lines", "proposal-2-lines"} & set(left)
    desk._DRAFTS._values.clear()
    for draft in (open_one, given_up):
        assert draft_bytes(desk.open_draft(conn, draft.record.id).draft) == draft_bytes(draft.draft)


def shown(conn: Connection) -> list[str]:
    """Return the plans of the west that maps, audits and readers of schema api see, one way after the other."""
    city = cities.load_city(conn, "town")
    listed = [plan.name for plan in plans.load_plans(conn, city) if plan.community_code == town.WEST_CODE]
    of_map = text("SELECT name FROM plan WHERE id = ANY(:plans) AND region_id = :region")
    region = conn.scalar(text("SELECT id FROM region WHERE code = :code"), {"code": town.WEST_CODE})
    drawn = conn.scalars(of_map, {"plans": list(load_edition(conn, city).plans), "region": region}).all()
    of_readers = text("SELECT DISTINCT plan FROM api.grid WHERE community_code = :code")
    read = conn.scalars(of_readers, {"code": town.WEST_CODE}).all()
    return [*listed, *drawn, *read]


def test_what_was_only_asked_for_is_never_shown_however_new_it_is(conn: Connection) -> None:
    copied(conn, "proposal-9-lines", 0)
    conn.execute(text("UPDATE plan SET created_at = created_at - interval '1 day' WHERE NOT tentative"))
    assert shown(conn) == ["proposal"] * 3
    conn.execute(text("DELETE FROM plan WHERE name != 'proposal-9-lines'"))
    assert shown(conn) == []
    assert offered(conn) == ["proposal-9-lines"], "to begin drafts with"


def test_a_plan_in_force_is_shown_whatever_was_tried_after_it(conn: Connection) -> None:
    planner, reviewer = somebody(conn, "planner"), somebody(conn, "reviewer")
    number = begun(conn, "proposal").record.id
    approval.submit(conn, number, seen=0, account=planner, reason="")
    approval.approve(conn, number, seen=1, account=reviewer, reason="", effective=date(2026, 1, 1), backdated=True)
    copied(conn, "tried", -1)
    copied(conn, "proposal-9-lines", -2)
    assert shown(conn) == [f"approved-{number}"] * 3


def test_a_migration_makes_tentative_what_the_desk_proposed_before(conn: Connection) -> None:
    migration = import_module("gis_service.db.migrations.versions.0016_tentative_plans")
    name = re.compile(migration.OF_DESK)
    assert all(name.fullmatch(proposal_name(12, wish)) for wish in WISHES)
    assert not any(
        map(name.match, ("proposal", "proposal-lines", "proposal-7-lines-2", "approved-3", "a proposal-7-lines"))
    )


def test_new_proposals_make_a_community_forget_its_old_ones(settings: Settings) -> None:
    with begin(settings) as conn:
        planner = somebody(conn, "planner")
        copied(conn, "proposal-0-lines", 31)
        ask_proposals(conn, Wanted("town", town.WEST_CODE), planner)
    do_one(settings, WORKS, print)
    with begin(settings) as conn:
        names = offered(conn)
        conn.execute(text(r"DELETE FROM plan WHERE name ~ '^proposal-\d'"))
        conn.execute(text("DELETE FROM account"))
    assert "proposal-0-lines" not in names
    assert sum(name.startswith("proposal-") and name[9].isdigit() for name in names) >= 1


def test_plans_of_the_desk_are_called_by_what_they_are(conn: Connection) -> None:
    told = desk_title(proposal_name(12, "balance"))
    assert told is not None
    assert told.zh == "自动方案 12（先顾户数均衡）"
    assert desk_title("mine") is None
    copied(conn, "proposal-7-lines", 1)
    city = cities.load_city(conn, "town")
    (record,) = plans.load_plans(conn, city, "proposal-7-lines")
    assert title_of_plan(record).zh == "自动方案 7（先顾边界沿道路、围墙、水系）"
    (approved,) = (each for each in plans.load_plans(conn, city, "proposal") if each.community_code == town.WEST_CODE)
    assert title_of_plan(approved).zh == "自动划分的方案"
