"""What the plans of the small city tell of themselves, and an earlier plan with one grid a community."""

from typing import Any

import shapely
from sqlalchemy import Connection, insert, text

from gis_service.db import tables
from gis_service.db.columns import STORED_SRID
from tests.web.mini_city import DATA_DATE, HOUSEHOLDS, RESIDENTS, grid_shape

EARLIER = "去年的方案"
LARGE = "999901001001003"
WITNESS = "楼栋 999901001001-2-0 一栋就已超过上限"
IN_RANGE, GRIDS = 6, 11


def account_of(code: str, index: int) -> dict[str, Any]:
    """Return why a grid of the small city is as it is: it could give to its western neighbour and takes from none."""
    households = HOUSEHOLDS[index]
    west = [{"code": f"{code[:-1]}{index % 3}", "ways": 2, "households_min": 60, "households_max": 120}]
    return {
        "code": code,
        "households": households,
        "residents": RESIDENTS[index],
        "verdict": {"status": "large", "households_test": "over", "residents_test": "over"},
        "binding": "both",
        "room_down": households - 300,
        "room_up": 500 - households,
        "units": 1,
        "estates": 0,
        "border_m": {"community": 900, "barrier": 0, "line": 1500, "open": 20},
        "gives": west if index % 3 else [],
        "takes": [],
    }


def tell_of_plans(conn: Connection, city: str, code_prefix: str, *, witness: str = WITNESS) -> None:
    """Note what the city's plans are worth and why their grids are so, and store an earlier plan beside them."""
    for number in range(4):
        code = f"{code_prefix}{number + 1:02d}"
        grids = [f"{code}{part + 1:03d}" for part in range(3)]
        large = {"kind": "grid_large", "severity": "warning", "subject": grids[2], "zh": witness, "en": witness}
        other = {**large, "subject": grids[1], "zh": "别的网格", "en": "another grid"}
        plan = tables.Plan.__table__
        conn.execute(
            plan.update()
            .where(plan.c.name == "proposal", plan.c.region_id == _region(conn, city, code))
            .values(
                account={
                    "start": "today",
                    "locked": [grids[0]],
                    "households_moved": 10,
                    "quality": {
                        "grids": 3,
                        "in_range": 2,
                        "inner_m": 1000.0,
                        "on_lines_m": 800.0,
                        "compactness": 1.8,
                        "households": 1200,
                        "squared_households": 480_000,
                    },
                    "explanations": [account_of(grid, 3 * number + part) for part, grid in enumerate(grids)],
                },
                findings={"findings": [large, other]},
            )
        )
        _earlier(conn, _region(conn, city, code), code, number)


def _region(conn: Connection, city: str, code: str) -> int:
    of_city = "SELECT region.id FROM region JOIN city ON city.id = region.city_id WHERE city.name = :city"
    key: int = conn.execute(text(f"{of_city} AND region.code = :code"), {"city": city, "code": code}).scalar_one()
    return key


def _earlier(conn: Connection, region: int, code: str, number: int) -> None:
    rules = conn.execute(text("SELECT rules FROM plan WHERE region_id = :region"), {"region": region}).scalar_one()
    values = {"region_id": region, "name": EARLIER, "rules": rules, "findings": {}, "seed": 1, "data_date": DATA_DATE}
    made = insert(tables.Plan).values(**values, software_version="0", created_at=text("now() - interval '1 day'"))
    plan = conn.execute(made.returning(tables.Plan.id)).scalar_one()
    own = slice(3 * number, 3 * number + 3)
    shape = shapely.union_all([grid_shape(3 * number + part) for part in range(3)])
    grid = conn.execute(
        insert(tables.Grid)
        .values(
            plan_id=plan, region_id=region, code=f"{code}009", name="旧网格", kind="base", status="large",
            households=sum(HOUSEHOLDS[own]), residents=sum(RESIDENTS[own]),
            geometry=f"SRID={STORED_SRID};{shapely.MultiPolygon([shape]).wkt}",
        )
        .returning(tables.Grid.id)
    ).scalar_one()  # fmt: skip
    conn.execute(
        text("INSERT INTO assignment SELECT :plan, id, :grid, :region FROM unit WHERE region_id = :region"),
        {"plan": plan, "grid": grid, "region": region},
    )
