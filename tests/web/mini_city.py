"""A city of four communities, twelve grids and one reach run, small enough to count by hand.

Each community is 600 m wide and 500 m high and holds three grids side by side; grid borders zigzag, so that
simplification has something to do. Every grid has six buildings.

    +-----+-----+      3  4    communities (row-major from the south-west)
    |  3  |  4  |      1  2
    +--river----+
    | 1 S |  2  |      S: station (covers 1 and 3), H: a private home of level 4 in community 2
    +-----+--H--+
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, delete, insert, select

from gis_service.db import tables
from gis_service.db.columns import STORED_SRID
from gis_service.db.reach_tables import BandCoverage, Catchment, ReachFacility

LON, LAT = 120.2167, 27.3243
METRE_E, METRE_N = 1 / 98_900, 1 / 110_800
"""One metre in degrees near the city, closely enough for a drawing."""
WIDTH, HEIGHT = 600.0, 500.0
DATA_DATE = date(2026, 6, 30)
STATUSES = (
    *("normal", "small", "large"),
    *("normal", "conflict", "special"),
    *("normal", "normal", "small"),
    *("normal", "normal", "large"),
)
HOUSEHOLDS = (400, 180, 720, 360, 250, 0, 310, 480, 90, 350, 420, 640)
RESIDENTS = (1200, 600, 2100, 1100, 1800, 0, 1000, 1500, 300, 1050, 1300, 1900)
BUILDINGS_PER_GRID = 6
SUMMARY = {
    "households": sum(HOUSEHOLDS),
    "network_m": 12_300.0,
    "components": 3,
    "largest_component_share": 0.975,
    "households_other_components": 40,
    "households_left_out_components": 0,
    "households_near_border": 420,
    "households_near_border_uncovered": 84,
}
"""What the run noted of its network."""

HOSTILE = (
    "<img src=x onerror=\"document.body.dataset.hacked='1'\">",
    "`${document.body.dataset.hacked=1}`",
    "</script><script>document.body.dataset.hacked=1</script>",
    "{{ 7*7 }}' onclick='document.body.dataset.hacked=1",
)


@dataclass(frozen=True)
class Names:
    """What things are called; the hostile city is called by what an attacker would type."""

    title: str = "迷你城"
    community: Sequence[str] = ("镇边社区", "桥头社区", "江滨社区", "100%_社区")
    grid: str = "第{number}网格"
    facility: str = "镇边红色驿站"
    estate: str = "金滩嘉苑"


HOSTILE_NAMES = Names(HOSTILE[0], HOSTILE, HOSTILE[1] + "{number}", HOSTILE[0], HOSTILE[2])


def ground(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a place in metres from the south-west corner."""
    return LON + x * METRE_E, LAT + y * METRE_N


def build_mini_city(
    conn: Connection, name: str, *, synthetic: bool, names: Names = Names(), code_prefix: str = "9999010010"
) -> None:
    """Store the city; the caller owns the transaction."""
    city = _add(
        conn,
        tables.City,
        name=name,
        title=names.title,
        data_date=DATA_DATE,
        synthetic=synthetic,
        metric_crs="EPSG:4549",
        licence="made for tests",
        sources=["tests"],
        content_hash=name,
        software_version="0",
    )
    streets = _region(
        conn, city, None, code_prefix[:9] + "000", "桐山街道", "street", _box(0, 0, 2 * WIDTH, 2 * HEIGHT)
    )
    run = _add(
        conn,
        tables.ReachRun,
        city_id=city,
        kinds=["red_station", "service_centre"],
        minutes=15.0,
        speed_m_per_s=1.0,
        rules={},
        summary=SUMMARY,
        input_hash=name,
        data_date=DATA_DATE,
        software_version="0",
    )
    estate = _add(
        conn,
        tables.Estate,
        city_id=city,
        code="E1",
        name=names.estate,
        geometry=_stored(MultiPolygon([_box(20, 20, 180, 480)])),
    )
    facilities = _facilities(conn, city, names)
    for number, community_name in enumerate(names.community):
        code = f"{code_prefix}{number + 1:02d}"
        x, y = WIDTH * (number % 2), HEIGHT * (number // 2)
        region = _region(conn, city, streets, code, community_name, "community", _community(number))
        covered = number in (0, 2)
        households = sum(HOUSEHOLDS[3 * number : 3 * number + 3])
        _coverage(conn, run, region, households, households if covered else 0)
        plan = _add(
            conn,
            tables.Plan,
            region_id=region,
            name="proposal",
            rules=_rules(),
            findings={},
            seed=1,
            data_date=DATA_DATE,
            software_version="0",
        )
        for part in range(3):
            index = 3 * number + part
            grid = _grid(
                conn, plan, region, f"{code}{part + 1:03d}", names.grid.replace("{number}", str(part + 1)), index
            )
            unit = _unit(conn, plan, region, grid, index)
            for place in range(BUILDINGS_PER_GRID):
                _building(
                    conn,
                    city=city,
                    region=region,
                    unit=unit,
                    run=run,
                    covered=covered,
                    facility=facilities[0],
                    estate=estate if index == 0 else None,
                    code=f"{code}-{index}-{place}",
                    households=HOUSEHOLDS[index] // BUILDINGS_PER_GRID,
                    x=x + 200 * part + 45 + 55 * (place % 3),
                    y=y + 120 + 220 * (place // 3),
                )
    _reach(conn, run, facilities[0])
    _catchments(conn, run, {facilities[0]: (40, WIDTH / 2), facilities[2]: (WIDTH / 2, WIDTH - 20)})
    _siting(conn, city, code_prefix)
    _network(conn, city)
    _add(conn, tables.Barrier, city_id=city, kind="river", name="桐山溪", geometry=_stored(_river()))
    _add(
        conn, tables.Barrier, city_id=city, kind="railway", name=None, geometry=_stored(_line((650, -60), (640, 1060)))
    )


def remove_mini_city(conn: Connection, name: str) -> None:
    """Delete the city and everything that hangs on it."""
    conn.execute(delete(tables.City).where(tables.City.name == name))


def _facilities(conn: Connection, city: int, names: Names) -> list[int]:
    common: dict[str, Any] = {"city_id": city, "functions": ["饮水", "充电"], "hours": "Mo-Fr 08:30-17:30"}
    return [
        _add(
            conn,
            tables.Facility,
            **common,
            code="F1",
            name=names.facility,
            kind="red_station",
            level=3,
            public=True,
            address="兴福路一巷41号",
            geometry=_stored(Point(ground(300, 400))),
        ),
        _add(
            conn,
            tables.Facility,
            **common,
            code="F2",
            name="老年食堂",
            kind="elder_canteen",
            level=2,
            public=True,
            geometry=_stored(Point(ground(900, 250))),
        ),
        _add(
            conn,
            tables.Facility,
            **common,
            code="F3",
            name="内部仓库",
            kind="warehouse",
            level=2,
            public=False,
            geometry=_stored(Point(ground(200, 800))),
        ),
        _add(
            conn,
            tables.Facility,
            **common,
            code="F4",
            name="党员中心户",
            kind="shared",
            level=4,
            public=False,
            geometry=_stored(Point(ground(1000, 60))),
        ),
    ]


def _region(conn: Connection, city: int, parent: int | None, code: str, name: str, level: str, shape: Polygon) -> int:
    return _add(
        conn,
        tables.Region,
        city_id=city,
        parent_id=parent,
        code=code,
        name=name,
        level=level,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        geometry=_stored(MultiPolygon([shape])),
    )


def _grid(conn: Connection, plan: int, region: int, code: str, name: str, index: int) -> int:
    status = STATUSES[index]
    return _add(
        conn,
        tables.Grid,
        plan_id=plan,
        region_id=region,
        code=code,
        name=name,
        kind="special" if status == "special" else "base",
        status=status,
        households=HOUSEHOLDS[index],
        residents=RESIDENTS[index],
        geometry=_stored(MultiPolygon([grid_shape(index)])),
    )


def _unit(conn: Connection, plan: int, region: int, grid: int, index: int) -> int:
    unit = _add(
        conn,
        tables.Unit,
        region_id=region,
        parent_id=None,
        code=f"U{index % 3}",
        kind="block",
        geometry=_stored(grid_shape(index)),
    )
    conn.execute(insert(tables.Assignment).values(plan_id=plan, unit_id=unit, grid_id=grid, region_id=region))
    return unit


def _building(
    conn: Connection,
    *,
    city: int,
    region: int,
    unit: int,
    run: int,
    covered: bool,
    facility: int,
    estate: int | None,
    code: str,
    households: int,
    x: float,
    y: float,
) -> None:
    building = _add(
        conn,
        tables.Building,
        city_id=city,
        region_id=region,
        estate_id=estate,
        code=code,
        households=households,
        residents=3 * households,
        elderly=None,
        children=None,
        floors=6,
        households_source="observed",
        geometry=_stored(_box(x, y, x + 30, y + 18)),
    )
    conn.execute(insert(tables.UnitBuilding).values(unit_id=unit, building_id=building))
    walk_m = 400.0 if covered else 1200.0
    conn.execute(
        insert(tables.ReachBuilding).values(
            run_id=run,
            building_id=building,
            facility_id=facility,
            walk_m=walk_m,
            walk_s=walk_m,
            straight_m=walk_m / 1.3,
            covered=covered,
            status="ok",
        )
    )


def _coverage(conn: Connection, run: int, region: int, households: int, covered: int) -> None:
    conn.execute(
        insert(tables.Coverage).values(
            run_id=run,
            region_id=region,
            buildings=18,
            buildings_covered=18 if covered else 0,
            households=households,
            households_covered=covered,
            residents=3 * households,
            residents_covered=3 * covered,
        )
    )
    # Within ten minutes half of those live, on foot; a straight line claims four fifths of everybody within fifteen.
    for minutes, walked, straight in ((10.0, covered // 2, households // 2), (15.0, covered, households * 4 // 5)):
        parts = {"": households, "_covered": walked, "_straight": straight}
        people = {f"residents{part}": 3 * count for part, count in parts.items()}
        elderly = {f"elderly{part}": count // 2 for part, count in parts.items()}
        nobody_knows = {f"children{part}": None for part in parts}
        buildings = {f"buildings{part}": 18 for part in parts}
        of_households = {f"households{part}": count for part, count in parts.items()}
        conn.execute(
            insert(BandCoverage).values(
                run_id=run,
                level="community",
                code=str(region),
                minutes=minutes,
                **of_households,
                **people,
                **elderly,
                **nobody_knows,
                **buildings,
            )
        )


def _reach(conn: Connection, run: int, facility: int) -> None:
    circle = _stored(MultiPolygon([_box(40, 40, WIDTH - 20, 2 * HEIGHT - 60).buffer(20 * METRE_E)]))
    for owner in (None, facility):
        _add(conn, tables.ServiceCircle, run_id=run, facility_id=owner, minutes=15.0, geometry=circle)
    inner = _stored(MultiPolygon([_box(140, 140, WIDTH - 120, 2 * HEIGHT - 160)]))
    _add(conn, tables.ServiceCircle, run_id=run, facility_id=None, minutes=10.0, geometry=inner)
    for rank, row in ((1, 1), (2, 0)):
        gap = _box(WIDTH + 60, HEIGHT * row + 80, 2 * WIDTH - 40, HEIGHT * (row + 1) - 60)
        _add(
            conn,
            tables.Gap,
            run_id=run,
            rank=rank,
            buildings=18,
            households=900 - 100 * rank,
            residents=None,
            nearest_walk_m=1200.0,
            mean_walk_m=1350.0,
            farthest_walk_m=1600.0,
            missing_min=7.5,
            households_no_path=12 if rank == 1 else 0,
            name="桥头社区 · 福宁2路",
            elderly=150,
            facility_id=facility,
            geometry=_stored(MultiPolygon([gap])),
        )


def _catchments(conn: Connection, run: int, columns: Mapping[int, tuple[float, float]]) -> None:
    """Store catchments side by side: for each facility the ground between two distances from the west border."""
    for facility, (west, east) in columns.items():
        shape = _stored(MultiPolygon([_box(west, 40, east, 2 * HEIGHT - 60)]))
        _add(conn, Catchment, run_id=run, facility_id=facility, geometry=shape)
        conn.execute(
            insert(ReachFacility).values(
                run_id=run,
                facility_id=facility,
                households=700,
                households_in_reach=900,
                area_m2=140.0,
                area_per_hundred_m2=20.0,
                shared_per_hundred_m2=15.5,
                over_capacity=True,
            )
        )


def _siting(conn: Connection, city: int, code_prefix: str) -> None:
    """Store two siting runs, of which the newer proposes two of three candidates."""
    rules = {
        "reach": {"minutes": 15.0, "speed_m_per_s": 1.0, "kinds": ["red_station", "service_centre"]},
        "count": 2,
    }
    summary = {
        "candidates": 3,
        "cost": 25.0,
        "objective": 700.0,
        "bound": 700.0,
        "gap": 0.0,
        "proved_optimal": True,
        "stopped_by_limit": False,
    }
    older, newer = (
        _add(
            conn,
            tables.SitingRun,
            city_id=city,
            rules=rules,
            summary=summary,
            given=True,
            input_hash="",
            candidates_hash="",
            data_date=DATA_DATE,
            software_version="0",
        )
        for _ in range(2)
    )
    bridge = conn.scalars(select(tables.Region.id).where(tables.Region.code == f"{code_prefix}02")).one()
    sites = (
        (older, "new-9", "别处", 1, 900.0, None, ground(700, 300)),
        (newer, "new-1", "江滨空置用房", 2, 90.0, None, ground(800, 700)),
        (newer, "new-2", "桥头空置用房", 1, 610.0, bridge, ground(800, 200)),
        (newer, "new-3", "没有选中的用房", None, None, bridge, ground(1000, 200)),
    )
    for run, code, name, rank, gained, region, place in sites:
        _add(
            conn,
            tables.SitingSite,
            run_id=run,
            code=code,
            name=name,
            rank=rank,
            households_gained=gained,
            region_id=region,
            street="福宁2路" if region else None,
            cost=12.5 if region else None,
            geometry=_stored(Point(place)),
        )


def _network(conn: Connection, city: int) -> None:
    columns, rows = 7, 6
    for node in range(columns * rows):
        point = Point(ground(200 * (node % columns), 200 * (node // columns)))
        conn.execute(insert(tables.NetworkNode).values(city_id=city, node=node, geometry=_stored(point)))
    links = [(node, node + 1) for node in range(columns * rows) if (node + 1) % columns]
    links += [(node, node + columns) for node in range(columns * (rows - 1))]
    for edge, (u, v) in enumerate(links):
        line = LineString([ground(200 * (node % columns), 200 * (node // columns)) for node in (u, v)])
        across = v == u + 1
        conn.execute(
            insert(tables.NetworkEdge).values(
                city_id=city,
                edge=edge,
                u=u,
                v=v,
                length_m=200.0,
                kind="secondary" if across and u // columns in (0, 3) else "residential",
                name=f"福宁{u // columns + 1}路" if across else None,
                geometry=_stored(line),
            )
        )


def _community(number: int) -> Polygon:
    union = shapely.union_all([grid_shape(3 * number + part) for part in range(3)])
    assert isinstance(union, Polygon)
    return union


def grid_shape(index: int) -> Polygon:
    """Return the outline of a grid; neighbours share every vertex of their common border."""
    column, row = index % 3 + 3 * (index // 3 % 2), index // 6
    south, north = _across(row, column), _across(row + 1, column)
    west, east = _upright(column, row), _upright(column + 1, row)
    ring = [*south, *east[1:], *reversed(north[:-1]), *reversed(west[1:-1])]
    return Polygon([ground(x, y) for x, y in ring])


def _upright(column: int, row: int) -> list[tuple[float, float]]:
    """Return the border west of a column, from south to north, one vertex every 25 m."""
    steps = 20
    outer = column in (0, 6)
    return [
        (200.0 * column + (0 if outer or step in (0, steps) else 0.8 * (-1) ** step), HEIGHT * (row + step / steps))
        for step in range(steps + 1)
    ]


def _across(row: int, column: int) -> list[tuple[float, float]]:
    """Return the border south of a row, from west to east, for one column."""
    steps = 8
    outer = row in (0, 2)
    return [
        (200.0 * (column + step / steps), HEIGHT * row + (0 if outer or step in (0, steps) else 0.6 * (-1) ** step))
        for step in range(steps + 1)
    ]


def _river() -> LineString:
    return _line(*((100.0 * step, HEIGHT + 10 * (-1) ** step) for step in range(-1, 14)))


def _line(*places: tuple[float, float]) -> LineString:
    return LineString([ground(x, y) for x, y in places])


def _box(west: float, south: float, east: float, north: float) -> Polygon:
    return shapely.box(*ground(west, south), *ground(east, north))


def _stored(shape: BaseGeometry) -> str:
    return f"SRID={STORED_SRID};{shape.wkt}"


def _rules() -> dict[str, Any]:
    return {
        "households_min": 300,
        "households_max": 500,
        "residents_min": 1000,
        "residents_max": 1500,
        "basis": "either",
        "code_pattern": "{community}{sequence:03d}",
    }


def _add(conn: Connection, table: type[tables.Base], **values: Any) -> int:
    key: int = conn.execute(insert(table).values(**values).returning(table.id)).scalar_one()  # type: ignore[attr-defined]
    return key
