"""Time the officials' audit and pages over an invented city: 250 communities, 2,500 grids, 60,000 buildings.

Run it over a database of its own: ``GIS_SERVICE_CLUSTER_DIR=… tests/benchmarks/audit/bench_dashboard.py``. The city is
made where it is not there yet. Seconds are of the CPU of this process; the database's own are in the wall clock beside.
Each page is asked for in a process of its own that has only been started: its first answer loads all it needs.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import select

from gis_service.app import create_app
from gis_service.config import read_settings
from gis_service.db import buildings, cities, facilities, migrate, network, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection, begin
from gis_service.db.frames import copy_rows, next_ids
from gis_service.db.keys import building_keys, region_keys
from gis_service.db.tables import Assignment, Grid, Plan, Unit, UnitBuilding
from gis_service.errors import UnknownCityError
from gis_service.geo.crs import to_stored
from gis_service.plan.rules import Rules, judge
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach

NAME, CRS = "bench", "EPSG:4549"
EAST, NORTH = 516_000.0, 3_018_000.0
ACROSS, DOWN, SIDE_M = 25, 10, 500.0
GRIDS, BUILDINGS_A_GRID = 10, 24
STREET_M = 125.0
STATIONS = 160
ASKED = 40
PAGES = (
    "/audit/bench",
    "/audit/bench?level=grid",
    "/audit/bench?level=grid&sort=households_15_min_share&dir=asc",
    "/audit/bench/gaps",
    "/audit/bench/findings",
    "/audit/bench/buildings?only=uncovered",
    "/api/v1/cities/bench/audit/areas.geojson?level=grid",
)


def main() -> None:
    """Make the city, audit it, ask for its pages."""
    settings = read_settings()
    migrate.upgrade(settings)
    with begin(settings) as conn:
        try:
            cities.load_city(conn, NAME)
        except UnknownCityError:
            timed("make the city", lambda: make_city(conn))
    with begin(settings) as conn:
        timed("check the walks", lambda: check_city_reach(conn, NAME, rules=ReachRules(), unless_current=True))
    with begin(settings) as conn:
        timed("audit", lambda: audit_city(conn, NAME, title=str(time.time())))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as anew:
        for told in anew.map(asked, PAGES):
            print(told, flush=True)  # noqa: T201 a program


def asked(page: str) -> str:
    """Ask for a page once and then many times, and return how long it took."""
    client = create_app(read_settings()).test_client()
    began, wall = time.process_time(), time.perf_counter()
    first = client.get(page)
    cold, cold_wall = time.process_time() - began, time.perf_counter() - wall
    assert first.status_code == 200, page
    spent = []
    for _ in range(ASKED):
        began, wall = time.process_time(), time.perf_counter()
        client.get(page)
        spent.append((time.process_time() - began, time.perf_counter() - wall))
    cpu, clock = (np.percentile(column, 95) for column in zip(*spent, strict=True))
    return (
        f"{page}: {len(first.data) / 1000:.0f} kB, cold {cold:.2f} s CPU ({cold_wall:.2f} s), "
        f"warm p95 {cpu:.3f} s CPU ({clock:.3f} s)"
    )


def timed(what: str, work: Callable[[], object]) -> None:
    """Do some work and print how long it took."""
    began, wall = time.process_time(), time.perf_counter()
    work()
    print(  # noqa: T201 a program
        f"{what}: {time.process_time() - began:.1f} s CPU ({time.perf_counter() - wall:.1f} s)", flush=True
    )


def make_city(conn: Connection) -> City:
    """Store the city: communities side by side, grids as strips, buildings in rows, a lattice of streets, stations."""
    rng = np.random.default_rng(7)
    city = cities.save_city(
        conn,
        name=NAME,
        title="基准城（合成）",
        data_date=date(2026, 6, 30),
        synthetic=True,
        metric_crs=CRS,
        licence="made for measurements",
        sources=("bench_dashboard.py",),
        content_hash=NAME,
        software_version="0",
    )
    places = [(column, row) for row in range(DOWN) for column in range(ACROSS)]
    codes = [
        f"9999{row // 5 + 1:02d}{column // 5 + 1:03d}{5 * (row % 5) + column % 5 + 1:03d}" for column, row in places
    ]
    regions.save_regions(conn, city, _regions(places, codes))
    homes = _buildings(rng, places, codes)
    buildings.save_buildings(conn, city, homes)
    _plans(conn, city, places, codes, homes)
    nodes, edges = _streets()
    network.save_network(conn, city, nodes, edges)
    facilities.save_facilities(conn, city, _stations(rng))
    return city


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def _regions(places: list[tuple[int, int]], codes: list[str]) -> gpd.GeoDataFrame:
    rows = [("999900000000", "基准市", "city", None, None)]
    rows += [
        (code, f"区{code[4:6]}", "county", "999900000000", None) for code in sorted({f"{c[:6]}000000" for c in codes})
    ]
    rows += [
        (code, f"街道{code[4:9]}", "street", f"{code[:6]}000000", None)
        for code in sorted({f"{c[:9]}000" for c in codes})
    ]
    rows += [
        (code, f"社区{code[4:]}", "community", f"{code[:9]}000",
         shapely.MultiPolygon([_box(SIDE_M * column, SIDE_M * row, SIDE_M, SIDE_M)]))
        for (column, row), code in zip(places, codes, strict=True)
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, columns=["code", "name", "level", "parent_code", "geometry"], crs=CRS)


def _buildings(rng: np.random.Generator, places: list[tuple[int, int]], codes: list[str]) -> gpd.GeoDataFrame:
    ids, communities, shapes = [], [], []
    for (column, row), code in zip(places, codes, strict=True):
        for number in range(GRIDS * BUILDINGS_A_GRID):
            strip, place = divmod(number, BUILDINGS_A_GRID)
            ids.append(f"{code}-{number:03d}")
            communities.append(code)
            x = SIDE_M * column + SIDE_M / GRIDS * strip + 6 + 20 * (place % 2)
            shapes.append(_box(x, SIDE_M * row + 10 + 40 * (place // 2), 14, 22))
    households = rng.integers(8, 24, len(ids))
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "households": households,
            "residents": pd.array(households * 3, dtype="Int64"),
            "elderly": pd.array(households // 2, dtype="Int64"),
            "children": pd.array(households // 3, dtype="Int64"),
            "floors": pd.array([6] * len(ids), dtype="Int64"),
            "estate_id": None,
            "community_code": communities,
            "households_source": "observed",
        },
        geometry=shapes,
        crs=CRS,
    )


def _plans(
    conn: Connection, city: City, places: list[tuple[int, int]], codes: list[str], homes: gpd.GeoDataFrame
) -> None:
    """Store a plan of each community: ten strips, each a unit and a grid."""
    keys, known = region_keys(conn, city, "community"), building_keys(conn, city)
    numbers = homes["id"].str[-3:].astype(int) // BUILDINGS_A_GRID
    counts = homes.groupby([homes["community_code"], numbers])[["households", "residents"]].sum()
    rules = Rules()
    plan_of: dict[str, int] = {}
    for code in codes:
        row = {"region_id": keys[code], "name": "proposal", "rules": rules.as_dict(), "findings": {"findings": []}}
        row |= {"account": {}, "seed": 1, "data_date": city.data_date, "software_version": "0"}
        plan_of[code] = conn.scalars(Plan.__table__.insert().values(row).returning(Plan.id)).one()
    strips = [(code, strip, place) for code, place in zip(codes, places, strict=True) for strip in range(GRIDS)]
    shapes = [
        _box(SIDE_M * x + SIDE_M / GRIDS * strip, SIDE_M * y, SIDE_M / GRIDS, SIDE_M) for _, strip, (x, y) in strips
    ]
    stored = to_stored(gpd.GeoDataFrame(geometry=shapes, crs=CRS)).geometry.to_numpy()
    units, grids = next_ids(conn, Unit, len(strips)).tolist(), next_ids(conn, Grid, len(strips)).tolist()
    region_of = [keys[code] for code, _, _ in strips]
    copy_rows(
        conn,
        Unit,
        {"id": units, "region_id": region_of, "code": [f"U{strip:02d}" for _, strip, _ in strips],
         "kind": ["block"] * len(strips), "geometry": stored},
    )  # fmt: skip
    unit_of = {(code, strip): unit for (code, strip, _), unit in zip(strips, units, strict=True)}
    copy_rows(
        conn,
        UnitBuilding,
        {
            "unit_id": [unit_of[place] for place in zip(homes["community_code"], numbers, strict=True)],
            "building_id": [known[code] for code in homes["id"]],
        },
    )
    people = [counts.loc[(code, strip)] for code, strip, _ in strips]
    copy_rows(
        conn,
        Grid,
        {
            "id": grids,
            "plan_id": [plan_of[code] for code, _, _ in strips],
            "region_id": region_of,
            "code": [f"{code}{strip + 1:03d}" for code, strip, _ in strips],
            "name": [f"第{strip + 1}网格" for _, strip, _ in strips],
            "kind": ["base"] * len(strips),
            "status": [judge(int(row["households"]), int(row["residents"]), "base", rules).status for row in people],
            "households": [int(row["households"]) for row in people],
            "residents": [int(row["residents"]) for row in people],
            "geometry": [shapely.MultiPolygon([shape]) for shape in stored],
        },
    )
    copy_rows(
        conn,
        Assignment,
        {
            "plan_id": [plan_of[code] for code, _, _ in strips],
            "unit_id": units,
            "grid_id": grids,
            "region_id": region_of,
        },
    )
    assert conn.scalars(select(Plan.id)).first()


def _streets() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    columns, rows = int(ACROSS * SIDE_M / STREET_M) + 1, int(DOWN * SIDE_M / STREET_M) + 1
    xy = np.array([(EAST + STREET_M * x, NORTH + STREET_M * y) for y in range(rows) for x in range(columns)])
    number = np.arange(len(xy)).reshape(rows, columns)
    ends = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    nodes = gpd.GeoDataFrame({"node": np.arange(len(xy))}, geometry=shapely.points(xy), crs=CRS)
    edges = gpd.GeoDataFrame(
        {
            "u": ends[:, 0],
            "v": ends[:, 1],
            "length_m": STREET_M,
            "kind": "residential",
            "name": None,
            "origin": "streets",
            "structure": None,
            "crossings": 0.0,
            "signals": 0.0,
            "slope_to_u": np.nan,
            "slope_to_v": np.nan,
        },
        geometry=shapely.linestrings(xy[ends]),
        crs=CRS,
    )
    return nodes, edges


def _stations(rng: np.random.Generator) -> gpd.GeoDataFrame:
    number = STATIONS + 80
    kinds = ["red_station"] * STATIONS + ["elder_canteen"] * 40 + ["after_school"] * 40
    x, y = rng.uniform(0, ACROSS * SIDE_M, number), rng.uniform(0, DOWN * SIDE_M, number)
    return gpd.GeoDataFrame(
        {
            "id": [f"f{place:03d}" for place in range(number)],
            "name": [f"服务点{place}" for place in range(number)],
            "kind": kinds,
            "level": pd.array([3] * number, dtype="Int64"),
            "address": None,
            "hours": None,
            "phone": None,
            "owner": None,
            "functions": [()] * number,
            "area_m2": rng.uniform(60, 400, number).round(),
            "public": True,
        },
        geometry=shapely.points(np.column_stack([EAST + x, NORTH + y])),
        crs=CRS,
    )


if __name__ == "__main__":
    main()
