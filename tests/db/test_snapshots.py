"""Snapshots come back with their evidence, outlive their city and are never changed."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis_service.audit.limits import Limits
from gis_service.db import cities, snapshots
from gis_service.db.cities import City
from gis_service.db.register_tables import KEPT_TABLES
from gis_service.db.scenario_tables import KEPT_TABLES as KEPT_SCENARIOS

from .town import frame, multi

CONTENT = {"form": snapshots.FORM, "层": [1, None]}
CANONICAL = '{"form":2,"层":[1,null]}'


def evidence() -> gpd.GeoDataFrame:
    columns = {name: [None, None] for name in snapshots.BUILDING_COLUMNS} | {
        "id": ["b1", "b2"],
        "place": ["A", ""],
        "community_code": ["A", None],
        "households": [10, 20],
        "residents": pd.array([30, pd.NA], dtype="Int64"),
        "elderly": pd.array([4, pd.NA], dtype="Int64"),
        "children": pd.array([0, 1], dtype="Int64"),
        "walk_m": [1.5, float("nan")],
        "walk_s": [120.0, float("nan")],
        "elderly_walk_s": [301.0, float("nan")],
        "covered": [True, False],
    }
    return frame(columns, [shapely.Point(10, 10), shapely.Point(20, 20)])


def areas() -> gpd.GeoDataFrame:
    return frame({"kind": ["community", "grid"], "code": ["A", "A001"]}, [multi(shapely.box(0, 0, 50, 50))] * 2)


def save(connection: Connection, city: City, **more: str) -> snapshots.SnapshotHead:
    return snapshots.save_snapshot(
        connection, city, CONTENT, CANONICAL, evidence(), areas(), software_version="1", **more
    )


def test_snapshots_come_back_newest_first(connection: Connection, city: City) -> None:
    first = save(connection, city)
    second = save(connection, city, title="第四季度", taken_by="zhang 审计")
    assert snapshots.load_heads(connection, city.name) == [second, first]
    assert snapshots.load_head(connection, city.name) == second
    assert snapshots.load_head(connection, city.name, first.id) == first
    assert snapshots.load_head(connection, "elsewhere") is None
    assert (second.title, second.taken_by) == ("第四季度", "zhang 审计")
    assert snapshots.load_content(connection, first.id) == CONTENT


def test_buildings_and_extents_come_back_as_they_were(connection: Connection, city: City) -> None:
    head = save(connection, city)
    found = snapshots.load_snapshot_buildings(connection, head.id, city.metric_crs)
    assert found[["id", "place", "households", "covered"]].to_numpy().tolist() == [
        ["b1", "A", 10, True],
        ["b2", "", 20, False],
    ]
    assert found["residents"].tolist() == [30, pd.NA]
    assert found["community_code"].tolist() == ["A", None]
    assert found.geometry.iloc[0].distance(evidence().geometry.iloc[0]) < 1e-6
    drawn = snapshots.load_snapshot_areas(connection, head.id, city.metric_crs, "grid")
    assert drawn[["kind", "code"]].to_numpy().tolist() == [["grid", "A001"]]


def test_a_page_of_buildings_tells_how_many_there_are(connection: Connection, city: City) -> None:
    head = save(connection, city)
    rows, total = snapshots.load_building_rows(connection, head.id, {}, limit=1, offset=0)
    assert ([row["id"] for row in rows], total.buildings) == (["b2"], 2)
    rows, total = snapshots.load_building_rows(connection, head.id, {"community_code": None}, limit=9, offset=0)
    assert ([row["id"] for row in rows], total.buildings) == (["b2"], 1)
    rows, total = snapshots.load_building_rows(connection, head.id, {"place": ["A", "B"]}, limit=9, offset=0)
    assert ([row["id"] for row in rows], total.buildings) == (["b1"], 1)


@pytest.mark.parametrize("sort", snapshots.SORTED_BY)
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_can_be_ordered_by_every_column_and_what_is_unknown_comes_last(
    connection: Connection, city: City, sort: str, descending: bool
) -> None:
    head = save(connection, city)
    rows, _ = snapshots.load_building_rows(connection, head.id, {}, sort=sort, descending=descending, limit=9, offset=0)
    known = [row[sort] for row in rows if row[sort] is not None]
    assert known == sorted(known, reverse=descending)
    assert [row[sort] for row in rows][: len(known)] == known
    if not known:
        assert [row["id"] for row in rows] == ["b1", "b2"]  # ties by id


@pytest.mark.parametrize(
    ("only", "minutes", "ids"),
    [
        ("", None, ["b2", "b1"]),
        ("uncovered", None, []),
        ("uncovered", 1.0, ["b1"]),
        ("uncovered", 2.0, []),
        ("beyond", None, ["b1"]),
        ("elderly", None, ["b1"]),
        ("children", None, []),
        ("gridless", None, ["b1"]),
        ("outside", None, ["b2"]),
    ],
)
def test_lists_hold_just_what_the_figures_count(
    connection: Connection, city: City, only: snapshots.Only, minutes: float | None, ids: list[str]
) -> None:
    head = save(connection, city)
    limits = Limits((1.0, 5.0), 1.0, 0.8, beyond_m=1.0)
    rows, _ = snapshots.load_building_rows(
        connection, head.id, {}, only=only, limits=limits, minutes=minutes, limit=9, offset=0
    )
    assert [row["id"] for row in rows] == ids


def test_where_nothing_was_walked_nobody_is_known_to_be_far(connection: Connection, city: City) -> None:
    head = save(connection, city)
    assert snapshots.load_building_rows(connection, head.id, {}, only="beyond", limit=9, offset=0)[0] == []


def test_a_list_tells_what_it_comes_to_and_what_is_unknown(connection: Connection, city: City) -> None:
    head = save(connection, city)
    totals = snapshots.load_building_rows(connection, head.id, {}, limit=1, offset=0)[1]
    assert totals == snapshots.ListTotals(2, 30, None, None, 1)
    housed = snapshots.load_building_rows(connection, head.id, {"place": "A"}, limit=1, offset=0)[1]
    assert housed == snapshots.ListTotals(1, 10, 30, 4, 0)
    nothing = snapshots.load_building_rows(connection, head.id, {"place": "Z"}, limit=1, offset=0)[1]
    assert nothing == snapshots.ListTotals(0, 0, 0, 0, 0)


def test_a_snapshot_outlives_its_city(connection: Connection, city: City) -> None:
    head = save(connection, city)
    cities.delete_city(connection, city)
    assert snapshots.load_heads(connection, city.name) == [head]


@pytest.mark.parametrize("table", [*KEPT_TABLES, *KEPT_SCENARIOS])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_frozen_is_never_changed(connection: Connection, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="never changed or deleted"):
        connection.execute(text(change.format(table)))


def test_contents_of_another_form_are_left_alone(connection: Connection, city: City) -> None:
    snapshots.save_snapshot(connection, city, {"indicators": []}, "{}", evidence(), areas(), software_version="0")
    assert snapshots.load_heads(connection, city.name) == []
