"""Two versions of a community's grids side by side: today's, plans and drafts, counted by hand."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import cities
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError, UnknownCityError, UnknownDraftError, UnknownPlanError
from gis_service.plan.continuation import continuation
from gis_service.plan.operations import Assign, Merge, NewGrid, Note, Unassign
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.compare_plans import (
    Change,
    Compared,
    _moved,
    _of_land,
    _shared_land,
    _stays,
    compare_versions,
)
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.plan_versions import load_version
from tests.workflows import town

CODES = [f"{town.WEST_CODE}00{number}" for number in (1, 2)]


def halves() -> gpd.GeoDataFrame:
    """Return two grids of today in the west: 480 households in the north, 400 in the south, the row between in none."""
    shapes = [town.box(0, 360, 600, 600), town.box(0, 0, 600, 240)]
    columns = {"code": [CODES[0], None], "name": ["北片", "虎𬇙片"], "kind": ["base", "base"]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=town.CRS)


def write_town_with_grids(folder: Path) -> Path:
    town.write_town(folder)
    halves().to_file(folder / "plan.gpkg", layer="plan")
    with (folder / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write('[files.plan]\npath = "plan.gpkg"\n')
    return folder


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("compare")
    with begin(made) as conn:
        import_city(conn, write_town_with_grids(Path(tmp_path_factory.mktemp("compare")) / "town"))
        partition_city(conn, "town", rules=Rules(), plan="new")
    yield made
    engine(made).dispose()


def opened(conn: Connection, origin: str = "new") -> OpenDraft:
    return desk.begin_draft(conn, "town", town.WEST_CODE, origin=origin, title="调整", rules=Rules(), account=None)


def versus(conn: Connection, old: str, new: str) -> Compared:
    return compare_versions(conn, "town", town.WEST_CODE, old, new)


def test_a_version_beside_itself_changes_nothing(conn: Connection) -> None:
    number = opened(conn).record.id
    for name in ("new", TODAY, f"draft:{number}"):
        same = versus(conn, name, name)
        assert (same.households_moved, same.buildings_moved, len(same.moved)) == (0, 0, 0)
        assert all(change.stays for change in same.changes if change.old is not None)


def test_one_unit_moved_is_one_change(conn: Connection) -> None:
    begun = opened(conn)
    planner = stored_accounts.save_account(conn, "p", title="", password_hash=None, grants=[Grant("planner")])
    keys = sorted(begun.draft.grids)
    unit = next(
        code
        for code in begun.draft.units_of(keys[0])
        if begun.draft.land.households[begun.draft.land.position[code]] > 0
    )
    at = begun.draft.land.position[unit]
    households, land = int(begun.draft.land.households[at]), begun.draft.land.polygon[at]
    desk.act(conn, begun.record.id, "do", operation=Assign(((keys[1], (unit,)),)), seen=0, account=planner)
    changed = versus(conn, "new", f"draft:{begun.record.id}")
    assert (changed.households, changed.households_moved) == (1000, households)
    assert changed.buildings_moved == households // town.HOUSEHOLDS_PER_BUILDING
    (moved,) = changed.moved.geometry
    assert shapely.area(shapely.symmetric_difference(moved, land)) < 1.0
    (row,) = [change for change in changed.changes if not change.stays]
    assert (row.households, row.residents) == (households, 3 * households)
    assert [row.old, row.new] == [changed.moved["old_code"][0], changed.moved["new_code"][0]]


def test_a_draft_of_a_mere_proposal_moves_nobody_by_numbering_its_grids_anew(conn: Connection) -> None:
    """The first of three grids is merged into the last; the others are numbered from one again."""
    begun = opened(conn)
    planner = stored_accounts.save_account(conn, "p", title="", password_hash=None, grants=[Grant("planner")])
    keys = sorted(begun.draft.grids)
    codes = load_version(conn, begun.city, town.WEST_CODE, "new").grids["code"].tolist()
    merged = {codes[key]: begun.draft.totals[key].households for key in (keys[0], keys[-1])}
    desk.act(conn, begun.record.id, "do", operation=Merge((keys[0],), keys[-1]), seen=0, account=planner)
    changed = versus(conn, "new", f"draft:{begun.record.id}")
    assert changed.households_moved == min(merged.values()), "those of the smaller one join the larger"
    assert set(changed.moved["old_code"]) == {min(merged, key=lambda code: merged[code])}


def test_todays_grids_are_counted_by_the_buildings_in_them(conn: Connection) -> None:
    changed = versus(conn, TODAY, "new")
    assert [(grid.label, grid.households, grid.residents) for grid in changed.old_grids] == [
        ("001", 400, 1200),
        ("虎𬇙片", 400, 1200),
    ]
    assert sum(change.households for change in changed.changes) == 1000
    assert sum(change.households for change in changed.changes if change.old is None) == 200
    assert changed.households == 800, "those without a grid before did not change it"


def test_every_grid_is_told_with_what_bounds_it(conn: Connection) -> None:
    north, south = versus(conn, TODAY, "new").old_grids
    assert south.bounds.text.zh == "东至社区边界，南至社区边界，西至社区边界，北至中路"
    assert [text.zh for text in north.bounds.south] == ["社区边界"], "between them lies land of no grid"


def test_a_draft_that_leaves_land_without_a_grid_can_be_compared(conn: Connection) -> None:
    begun = opened(conn)
    planner = stored_accounts.save_account(conn, "p", title="", password_hash=None, grants=[Grant("planner")])
    number, key = begun.record.id, min(begun.draft.grids)
    units = begun.draft.units_of(key)
    for seen, operation in enumerate([NewGrid(begun.draft.next_key), Unassign(tuple(units))]):
        desk.act(conn, number, "do", operation=operation, seen=seen, account=planner)
    unfinished = versus(conn, "new", f"draft:{number}")
    assert not unfinished.new.final
    gone = begun.draft.totals[key].households
    assert sum(change.households for change in unfinished.changes if change.new is None) == gone
    assert sum(grid.households for grid in unfinished.new_grids) == 1000 - gone


def test_an_approved_draft_is_what_was_approved_with_its_notes(conn: Connection) -> None:
    people = {
        role: stored_accounts.save_account(conn, role, title=role, password_hash=None, grants=[Grant(role)])
        for role in ("planner", "reviewer")
    }
    begun = opened(conn)
    number, key = begun.record.id, min(begun.draft.grids)
    note = Note(key, "保留老街坊")
    desk.act(conn, number, "do", operation=note, seen=0, account=people["planner"])
    before = load_version(conn, begun.city, town.WEST_CODE, f"draft:{number}")
    approval.submit(conn, number, seen=1, account=people["planner"], reason="")
    day = office_today() + timedelta(days=30)
    approval.approve(conn, number, seen=2, account=people["reviewer"], reason="", effective=day, backdated=True)
    after = load_version(conn, begun.city, town.WEST_CODE, f"draft:{number}")
    assert dict(after.notes) == dict(before.notes)
    assert list(after.notes.values()) == ["保留老街坊"]
    assert after.grids["code"].tolist() == before.grids["code"].tolist()
    assert after.membership.equals(before.membership)
    assert after.title.zh == "批准方案“调整”"


def test_plain_values_are_told_in_degrees_and_in_words(conn: Connection) -> None:
    told = json.loads(json.dumps(versus(conn, TODAY, "new").as_dict("en"), allow_nan=False))
    assert told["old_grids"][1]["bounds"]["north"] == ["中路"]
    assert told["old_grids"][1]["bounds_text"].startswith("east: the community's border")
    assert {feature["geometry"]["type"] for feature in told["moved"]["features"]} <= {"MultiPolygon"}
    lon, lat = told["new_outlines"]["features"][0]["geometry"]["coordinates"][0][0][0]
    assert 119 < lon < 121
    assert 27 < lat < 28


def test_what_there_is_not_cannot_be_compared(conn: Connection) -> None:
    number = opened(conn).record.id
    for community, old, kind in (
        (town.WEST_CODE, "never", UnknownPlanError),
        (town.WEST_CODE, "draft:999999", UnknownDraftError),
        (town.EAST_CODE, f"draft:{number}", InputError),
        (town.EAST_CODE, TODAY, InputError),
        ("999901001000", "new", InputError),
    ):
        with pytest.raises(kind):
            compare_versions(conn, "town", community, old, "new")
    with pytest.raises(UnknownCityError):
        compare_versions(conn, "nowhere", town.WEST_CODE, "new", "new")


def test_the_versions_of_a_city_are_told_apart(conn: Connection) -> None:
    city = cities.load_city(conn, "town")
    assert load_version(conn, city, town.EAST_CODE, "new").buildings["community_code"].unique() == [town.EAST_CODE]


def test_land_without_buildings_does_not_change_grid_by_a_new_code() -> None:
    def grids(codes: list[str], edge: float) -> gpd.GeoDataFrame:
        shapes = [town.box(0, 0, 100, 100), town.box(100, 0, edge, 100), town.box(edge, 0, 300, 100)]
        return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=town.CRS)

    table = pd.DataFrame({"old_code": ["1"], "new_code": ["1"], "buildings": 1, "households": 9, "residents": 9})
    told = continuation(table)

    def compared(edge: float) -> tuple[gpd.GeoDataFrame, list[tuple[str | None, str | None, bool]]]:
        old, new = grids(["1", "2", "3"], 200), grids(["1", "7", "8"], edge)
        land = _shared_land(old, new)
        stays = _stays(old, new, told, land, by_code=True)
        rows = _of_land([Change("1", "1", 1, 9, 9, stays=True)], old, new, land, stays)
        return _moved(land, stays), sorted((row.old, row.new, row.stays) for row in rows)

    moved, rows = compared(200)
    assert moved.empty
    assert rows == [("2", "7", True), ("3", "8", True)]
    moved, rows = compared(190)
    assert rows == [("2", "7", True), ("2", "8", False), ("3", "8", True)], (
        "nobody lives there, but the land is told of"
    )
    assert moved[["old_code", "new_code"]].to_numpy().tolist() == [["2", "8"]]
    assert moved.area.tolist() == pytest.approx([1000.0])
