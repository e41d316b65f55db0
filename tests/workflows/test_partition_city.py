"""Plans as stored: they tile, they sum up, and they are the same whatever made them."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from distributed import LocalCluster
from sqlalchemy import Connection, delete, select, text, update

from gis_service.config import Settings
from gis_service.db import given_grids, plans, regions, units
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, engine, reading
from gis_service.db.tables import Grid, Plan, Region, Unit
from gis_service.errors import InputError, Text, UnknownCityError, UnknownPlanError
from gis_service.partition.community import CommunityInput
from gis_service.partition.propose import propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules
from gis_service.workflows import community_tasks, draft_bases
from gis_service.workflows.desk import begin_draft, open_draft
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.partition_city import PARTITIONING, STORING, Start, partition_city, plan_names
from gis_service.workflows.plan_names import NOTHING, TODAY
from gis_service.workflows.replay_plan import replay_plan
from tests.workflows.town import CRS, EAST_CODE, WEST_CODE, box


def test_the_stored_grids_tile_their_communities_and_sum_up(connection: Connection, town: Imported) -> None:
    made = partition_city(connection, "town", rules=Rules())
    assert made.communities == (WEST_CODE, EAST_CODE)
    assert made.plans[0].statuses == {"normal": sum(made.plans[0].statuses.values())}
    grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city))
    extents = regions.load_regions(connection, town.city, level="community").set_index("code").geometry
    for code, own in grids.groupby("community_code"):
        assert own["households"].sum() == 1000
        assert own["residents"].sum() == 3000
        assert shapely.coverage_is_valid(own.geometry.to_numpy())
        left_over = shapely.symmetric_difference(shapely.union_all(own.geometry.to_numpy()), extents[code])
        assert left_over.area < 1e-3
        assert own["code"].str.startswith(code).all()
        assert (own["code"].str.len() == 15).all()


def test_processes_do_not_change_the_plan(connection: Connection, town: Imported) -> None:
    def shapes(plan: str) -> list[tuple[str, bytes]]:
        grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city, plan))
        return list(zip(grids["code"], shapely.to_wkb(shapely.normalize(grids.geometry.to_numpy())), strict=True))

    partition_city(connection, "town", rules=Rules(), plan="alone", workers=1)
    partition_city(connection, "town", rules=Rules(), plan="together", workers=2)
    assert shapes("alone") == shapes("together")


def test_a_current_plan_is_kept_and_an_outdated_one_is_made_anew(connection: Connection, town: Imported) -> None:
    first = partition_city(connection, "town", rules=Rules())
    assert not first.reused
    kept = partition_city(connection, "town", rules=Rules(), unless_current=True)
    assert kept.reused
    assert kept.plans[0].statuses == first.plans[0].statuses
    assert kept.plans == first.plans
    other = partition_city(connection, "town", rules=Rules(basis="residents"), unless_current=True)
    assert not other.reused


def test_a_plan_is_made_anew_once_another_was_approved_whose_codes_it_has_to_go_on_with(
    connection: Connection, town: Imported
) -> None:
    partition_city(connection, "town", rules=Rules())
    partition_city(connection, "town", rules=Rules(), plan="approved")
    connection.execute(text("UPDATE plan SET effective_from = '2026-01-01' WHERE name = 'approved'"))
    assert not partition_city(connection, "town", rules=Rules(), unless_current=True).reused
    assert partition_city(connection, "town", rules=Rules(), unless_current=True).reused


def test_an_alternative_is_not_taken_for_the_same_plan_made_by_itself(connection: Connection, town: Imported) -> None:
    rules = Rules()
    partition_city(connection, "town", rules=rules, several=True)
    name, own = list(plan_names("proposal", rules).items())[1]
    assert partition_city(connection, "town", rules=rules, several=True, unless_current=True).reused
    assert not partition_city(connection, "town", rules=own, plan=name, unless_current=True).reused


def test_one_community_can_be_partitioned_alone(connection: Connection, town: Imported) -> None:
    made = partition_city(connection, "town", rules=Rules(), communities=[EAST_CODE])
    assert made.communities == (EAST_CODE,)
    assert [record.community_code for record in plans.load_plans(connection, town.city)] == [EAST_CODE]


def test_plans_that_are_stored_are_told_after_those_that_are_made(connection: Connection, town: Imported) -> None:
    told: list[tuple[Text, int, int]] = []
    partition_city(connection, "town", rules=Rules(), report=lambda *step: told.append(step))
    assert told == [(PARTITIONING, done, 2) for done in range(3)] + [(STORING, done, 2) for done in range(3)]


def test_units_that_were_cut_are_stored_once_and_not_read_back(
    connection: Connection, town: Imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE])
    stored = connection.scalars(select(Unit.id)).all()
    monkeypatch.setattr(draft_bases, "load_units", refuse)
    partition_city(connection, "town", rules=Rules(), plan="again")
    assert set(stored) < set(connection.scalars(select(Unit.id)))
    assert units.is_cut(connection, town.city, EAST_CODE)


def test_an_unknown_community_or_city_is_named(connection: Connection, town: Imported) -> None:
    with pytest.raises(InputError, match="999901001999"):
        partition_city(connection, "town", rules=Rules(), communities=["999901001999"])
    with pytest.raises(UnknownCityError, match="nowhere"):
        partition_city(connection, "nowhere", rules=Rules())


def given(connection: Connection, town: Imported, *rows: tuple[str | None, str, str, str, shapely.Polygon]) -> None:
    columns = ["code", "name", "kind", "community_code", "geometry"]
    frame = gpd.GeoDataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)), crs=CRS)
    frame.geometry = [shapely.MultiPolygon([polygon]) for polygon in frame.geometry]
    given_grids.save_given_grids(connection, town.city, frame)


def titles(connection: Connection, town: Imported, plan: str) -> dict[str, str]:
    grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city, plan))
    return dict(zip(grids["code"], grids["name"], strict=True))


def test_grids_that_exist_keep_their_codes_and_retired_ones_are_never_given_again(
    connection: Connection, town: Imported
) -> None:
    proposed = partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE], plan="first")
    grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city, "first"))
    connection.execute(delete(Plan))
    continued = grids.geometry.iloc[0].geoms[0]
    given(
        connection,
        town,
        (f"{WEST_CODE}042", "老街网格", "base", WEST_CODE, continued),
        (f"{WEST_CODE}001", "河边网格", "base", WEST_CODE, box(0, 0, 130, 130)),
        ("A-9", "第2网格", "base", WEST_CODE, grids.geometry.iloc[1].geoms[0]),
    )
    again = partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE], plan="second")
    named = titles(connection, town, "second")
    assert again.plans[0].statuses == proposed.plans[0].statuses
    assert named[f"{WEST_CODE}042"] == "老街网格"
    assert f"{WEST_CODE}001" not in named
    assert f"{WEST_CODE}002" not in named  # its name, 第2网格, is that of A-9, which goes on under a new code
    assert sorted(named.values()).count("第2网格") == 1
    told = {finding.kind: finding for finding in again.plans[0].findings}
    assert told["retired_codes"].zh.endswith(f"：{WEST_CODE}001")
    assert told["codes_unfit"].severity == "warning"
    assert f"A-9 → {next(code for code, name in named.items() if name == '第2网格')}" in told["codes_unfit"].zh


LARGER = Rules(households_min=900, households_max=1100, residents_min=2900, residents_max=3100)


def stored(connection: Connection, town: Imported, plan: str) -> list[object]:
    """Return all that is stored of a plan but its keys, its name and when it was made."""
    records = plans.load_plans(connection, town.city, plan)
    grids = plans.load_grids(connection, town.city, records).drop(columns="plan_id")
    assigned = plans.load_assignment(connection, town.city, records)
    return [
        grids.drop(columns="geometry").to_json(),
        shapely.to_wkb(grids.geometry.to_numpy()).tolist(),
        assigned.units[["code", "grid_code"]].to_json(),
        assigned.buildings[["building_id", "grid_code"]].to_json(),
        [(record.community_code, record.rules, record.findings, record.account, record.seed) for record in records],
    ]


def test_the_same_request_gives_the_same_plan_whatever_was_tried_before(connection: Connection, town: Imported) -> None:
    west = [WEST_CODE]
    partition_city(connection, "town", rules=Rules(), communities=west)
    first = stored(connection, town, "proposal")
    partition_city(connection, "town", rules=LARGER, communities=west, plan="larger")
    partition_city(connection, "town", rules=Rules(target_households=320), communities=west, plan="smaller", seed=7)
    partition_city(connection, "town", rules=Rules(), communities=west, plan="again")
    assert stored(connection, town, "again") == first
    partition_city(connection, "town", rules=LARGER, communities=west)
    partition_city(connection, "town", rules=Rules(), communities=west)
    assert stored(connection, town, "proposal") == first


def test_what_a_plan_gave_up_stays_given_up_in_those_that_start_from_it(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE])
    first = titles(connection, town, "proposal")
    merged = partition_city(
        connection, "town", rules=LARGER, communities=[WEST_CODE], plan="merged", start=Start("proposal")
    )
    ended = set(first) - set(titles(connection, town, "merged"))
    assert ended
    (told,) = [finding for finding in merged.plans[0].findings if finding.kind == "retired_codes"]
    assert all(code in told.zh for code in ended)
    partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE], plan="split", start=Start("merged"))
    assert set(titles(connection, town, "split")).isdisjoint(ended)


def test_a_special_grid_keeps_its_code_and_one_that_belongs_elsewhere_gets_a_new_one(
    connection: Connection, town: Imported
) -> None:
    given(
        connection,
        town,
        (f"{WEST_CODE}801", "市场", "special", WEST_CODE, box(30, 30, 230, 130)),
        (f"{WEST_CODE}802", "校园", "special", EAST_CODE, box(700, 30, 900, 130)),
    )
    made = partition_city(connection, "town", rules=Rules())
    named = titles(connection, town, "proposal")
    assert named[f"{WEST_CODE}801"] == "市场"
    campus = next(code for code, name in named.items() if name == "校园")
    assert campus.startswith(EAST_CODE)
    assert [finding.subject for finding in made.plans[0].findings if finding.kind == "codes_unfit"] == [EAST_CODE]
    partition_city(connection, "town", rules=Rules())
    assert titles(connection, town, "proposal") == named


def grid_of_buildings(connection: Connection, town: Imported, plan: str) -> dict[str, str]:
    stored = plans.load_assignment(connection, town.city, plans.load_plans(connection, town.city, plan)).buildings
    return dict(zip(stored["building_id"], stored["grid_code"], strict=True))


def test_alternatives_are_stored_under_names_of_their_own(connection: Connection, town: Imported) -> None:
    made = partition_city(connection, "town", rules=Rules(), several=True)
    assert [each.name for each in made.plans] == ["proposal", "proposal-compactness", "proposal-balance"]
    for each in made.plans:
        records = plans.load_plans(connection, town.city, each.name)
        assert [record.community_code for record in records] == [WEST_CODE, EAST_CODE]
        assert {record.rules["soft_order"][2] for record in records} == {each.rules.soft_order[2]}
    kept = partition_city(connection, "town", rules=Rules(), several=True, unless_current=True)
    assert kept.reused
    assert kept.plans == made.plans


def test_a_plan_in_range_is_repaired_without_moving_anybody(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules())
    made = partition_city(connection, "town", rules=Rules(), plan="mended", start=Start("proposal"))
    assert made.plans[0].households_moved == 0
    assert grid_of_buildings(connection, town, "mended") == grid_of_buildings(connection, town, "proposal")
    (account, *_) = [record.account for record in plans.load_plans(connection, town.city, "mended")]
    assert account["start"] == "proposal"
    assert [one["code"] for one in account["explanations"]] == sorted(one["code"] for one in account["explanations"])


def test_stricter_rules_move_some_and_spare_the_locked(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules())
    stricter = Rules(households_min=300, households_max=350, residents_min=900, residents_max=1050)
    first = next(iter(grid_of_buildings(connection, town, "proposal").values()))
    made = partition_city(
        connection, "town", rules=stricter, plan="mended", start=Start("proposal", frozenset({first}))
    )
    before, after = (grid_of_buildings(connection, town, plan) for plan in ("proposal", "mended"))
    assert {building for building, code in before.items() if code == first} == {
        building for building, code in after.items() if code == first
    }
    assert made.plans[0].households_moved is not None


def test_a_start_that_is_not_there_is_named(connection: Connection, town: Imported) -> None:
    with pytest.raises(InputError, match="plan 文件"):
        partition_city(connection, "town", rules=Rules(), start=Start(TODAY))
    with pytest.raises(UnknownPlanError, match="nothing"):
        partition_city(connection, "town", rules=Rules(), start=Start("nothing"))
    partition_city(connection, "town", rules=Rules())
    with pytest.raises(InputError, match="999"):
        partition_city(connection, "town", rules=Rules(), start=Start("proposal", frozenset({"999"})))
    with pytest.raises(InputError, match=TODAY):
        partition_city(connection, "town", rules=Rules(), plan=TODAY)


def test_the_grids_of_today_can_be_the_start(connection: Connection, town: Imported) -> None:
    extents = regions.load_regions(connection, town.city, level="community").set_index("code").geometry
    west = extents[WEST_CODE]
    given(connection, town, (f"{WEST_CODE}007", "老网格", "base", WEST_CODE, shapely.box(*west.bounds)))
    made = partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE], start=Start(TODAY))
    assert made.plans[0].households_moved is not None
    assert made.plans[0].statuses == {"normal": sum(made.plans[0].statuses.values())}


def test_a_cluster_does_not_change_the_plan(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules(), plan="alone")
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        away = partition_city(connection, "town", rules=Rules(), plan="away", scheduler=cluster.scheduler_address)
    assert away.left == ()
    assert grid_of_buildings(connection, town, "alone") == grid_of_buildings(connection, town, "away")


def broken_west(*arguments: object, community_code: str, **options: object) -> list[Finding]:
    """Stand for the audit, which finds a fault in the west and none elsewhere."""
    fault = Finding("gap", "fault", community_code, "漏了一块", "land is left out")
    return [fault] if community_code == WEST_CODE else []


def test_a_community_whose_plan_fails_its_audit_is_left_as_it_was_and_the_others_get_theirs(
    connection: Connection, town: Imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition_city(connection, "town", rules=Rules(), communities=[WEST_CODE], plan="second")
    before = stored(connection, town, "second")
    monkeypatch.setattr(community_tasks, "audit_plan", broken_west)
    made = partition_city(connection, "town", rules=LARGER, plan="second", several=True)
    assert made.communities == (EAST_CODE,)
    (left,) = made.left
    assert left.community == WEST_CODE
    assert "漏了一块" in left.text.zh
    assert "land is left out" in left.text.en
    assert [each.quality.households for each in made.plans] == [1000] * 3
    records = plans.load_plans(connection, town.city, "second")
    assert [Rules.from_dict(record.rules) for record in records] == [Rules(), LARGER]
    connection.execute(delete(Plan).where(Plan.id == records[1].id))
    assert stored(connection, town, "second") == before
    other = plans.load_plans(connection, town.city, "second-balance")
    assert [record.community_code for record in other] == [EAST_CODE]


def test_a_community_that_breaks_the_engine_keeps_nobody_from_a_plan(
    connection: Connection, town: Imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(community: CommunityInput, *arguments: object, **options: object) -> ProposedPlan:
        if community.code == WEST_CODE:
            raise RuntimeError("no such thing")
        return propose(community, *arguments, **options)

    monkeypatch.setattr(community_tasks, "propose", fail)
    made = partition_city(connection, "town", rules=Rules())
    assert made.communities == (EAST_CODE,)
    (left,) = made.left
    assert "RuntimeError: no such thing" in left.text.en
    assert "Traceback" in left.trace
    assert units.load_units(connection, town.city, WEST_CODE) is None


def test_nobody_at_a_desk_waits_while_a_city_is_partitioned(
    make_database: Callable[[str], Settings], town_folder: Path
) -> None:
    settings = make_database("desk_beside_partition")
    with begin(settings) as conn:
        import_city(conn, town_folder)
    drafts: list[int] = []

    def sit_down(step: Text, done: int, _total: int) -> None:
        if (step, done) != (PARTITIONING, 1):
            return
        for code in (WEST_CODE, EAST_CODE):  # one is done, the other is not; neither was ever cut before
            with begin(settings) as conn:
                conn.execute(text("SET LOCAL lock_timeout = '2s'"))
                begun = begin_draft(conn, "town", code, origin=NOTHING, title="调整", rules=Rules(), account=None)
            drafts.append(begun.record.id)

    with begin(settings) as conn:
        made = partition_city(conn, "town", rules=Rules(), report=sit_down)
    assert made.communities == (WEST_CODE, EAST_CODE)
    with reading(settings) as conn:
        shown = plans.load_plans(conn, load_city(conn, "town"), "proposal")
        assigned = plans.load_assignment(conn, load_city(conn, "town"), shown)
        for number, code in zip(drafts, made.communities, strict=True):
            here = assigned.units[assigned.units["community_code"] == code]
            assert set(open_draft(conn, number).draft.land.code) == set(here["code"])
    engine(settings).dispose()


def test_a_plan_can_be_made_again_from_what_is_stored_of_it(connection: Connection, town: Imported) -> None:
    partition_city(
        connection, "town", rules=Rules(target_households=350), plan="three", several=True, communities=[WEST_CODE]
    )
    partition_city(connection, "town", rules=Rules())
    lock = Start("proposal", frozenset({next(iter(grid_of_buildings(connection, town, "proposal").values()))}))
    stricter = Rules(households_min=300, households_max=350, residents_min=900, residents_max=1050)
    partition_city(connection, "town", rules=stricter, plan="mended", start=lock)
    partition_city(connection, "town", rules=LARGER, plan="mended", communities=[EAST_CODE])
    replayed = replay_plan(connection, "town", "mended")
    assert replayed.communities == (WEST_CODE, EAST_CODE)
    assert (replayed.differing, replayed.left, replayed.versions) == ((), (), ())
    replayed = replay_plan(connection, "town", "three-balance", communities=[WEST_CODE])
    assert (replayed.communities, replayed.differing) == ((WEST_CODE,), ())


def test_a_plan_that_cannot_be_made_again_is_told(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules())
    grids = select(Grid.id).join(Plan).join(Region, Region.id == Plan.region_id).where(Region.code == EAST_CODE)
    connection.execute(update(Grid).where(Grid.id.in_(grids)).values(name="改过的"))
    connection.execute(update(Plan).values(software_version="0.0.9"))
    replayed = replay_plan(connection, "town", "proposal")
    assert replayed.differing == (EAST_CODE,)
    assert replayed.versions == ("0.0.9",)
    with pytest.raises(InputError, match="999901001999"):
        replay_plan(connection, "town", "proposal", communities=["999901001999"])


def test_a_plan_whose_start_has_changed_cannot_be_made_again(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules())
    partition_city(connection, "town", rules=Rules(), plan="mended", start=Start("proposal"))
    partition_city(connection, "town", rules=LARGER)
    with pytest.raises(InputError, match="由“proposal”调整而来"):
        replay_plan(connection, "town", "mended")
