"""What drafts begin with: the units of a community, and the grids they are in today or in a plan."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.db import approved_plans, barriers, buildings, drafts, estates, given_grids, plans
from gis_service.db.cities import City
from gis_service.db.drafts import DraftRecord
from gis_service.db.engine import Connection
from gis_service.db.units import StoredUnits, is_cut, load_units, load_units_of, save_units
from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.draft_land import draft_land
from gis_service.partition.groundwork import UnitFrames
from gis_service.partition.start import start_of
from gis_service.partition.units import cut_units
from gis_service.plan.draft import Draft, draft_of_plan
from gis_service.plan.land import Land
from gis_service.plan.rules import Rules
from gis_service.workflows.community_inputs import community_extents, community_inputs
from gis_service.workflows.kept import Kept
from gis_service.workflows.kept_codes import noted
from gis_service.workflows.plan_names import NOTHING, TODAY

LANDS_KEPT = 16
"""How many a process keeps at hand; making one again takes a second."""
CITIES_KEPT = 4


def base_of(conn: Connection, city: City, community: str, origin: str, rules: Rules) -> Draft:
    """Return what a draft begins with.

    Parameters
    ----------
    conn, city
        Transaction and city.
    community
        Code of the community; it is cut into units, which are stored, where no plan has cut it before.
    origin
        `NOTHING`, `TODAY`, or the name of a stored plan.
    rules
        Rules in force.

    Raises
    ------
    UnknownPlanError
        The city has no plan of that name.
    InputError
        The community is unknown, has no polygon, or has no such plan or no grids today.
    """
    extent = community_extents(conn, city, [community])
    if origin not in {NOTHING, TODAY}:
        return _of_plan(conn, city, community, origin)
    given = given_grids.load_given_grids(conn, city)
    here = given[(given["community_code"] == community) & (given["kind"] == "base")].reset_index(drop=True)
    if origin == TODAY and here.empty:
        raise InputError(
            Text(
                f"社区 {community} 没有现有网格，请改为自动划分或从空白开始",
                f"community {community} has no grids today; propose a plan or begin with nothing",
            )
        )
    return base_of_grids(conn, city, extent, here if origin == TODAY else here.iloc[:0], rules)


def base_of_grids(
    conn: Connection, city: City, extent: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, rules: Rules
) -> Draft:
    """Return the draft that begins with some grids, whoever drew them, laid over the units of a community.

    Parameters
    ----------
    conn, city, rules
        As for :func:`base_of`.
    extent
        The community, as :func:`gis_service.workflows.community_inputs.community_extents` tells it.
    grids
        ``code``, ``name``, ``kind`` and ``geometry`` in the city's metric CRS; they need not fit the units or each
        other.

    Returns
    -------
    Draft
        Each unit is in the grid that holds most of its households, or of its land where nobody lives; units that none
        lies on are in no grid. Land given as special is in the special grid of the data, whatever ``grids`` say.
    """
    code = extent["code"].iloc[0]
    units = units_of_community(conn, city, code, lambda: cut_units(next(community_inputs(conn, city, extent, rules))))
    return draft_of_plan(_land(conn, city, units), *_laid(conn, city, code, units, grids))


def base_land(conn: Connection, city: City, record: DraftRecord) -> Land:
    """Return the land a stored draft began with."""
    key = (record.id, record.created_at)
    return _LANDS.get(key, lambda: _land(conn, city, drafts.load_base_units(conn, city, record)))


def estate_names(conn: Connection, city: City) -> dict[str, str]:
    """Return the names of the estates of a city by their ids, which a process keeps at hand."""
    return _NAMES.get((city.id, city.imported_at), lambda: _estate_names(conn, city))


def _estate_names(conn: Connection, city: City) -> dict[str, str]:
    known = estates.load_estates(conn, city)
    return dict(zip(known["id"], known["name"], strict=True))


def units_of_community(conn: Connection, city: City, code: str, cut: Callable[[], UnitFrames]) -> StoredUnits:
    """Return the stored units of a community, which is cut where no plan has cut it before.

    Parameters
    ----------
    conn, city, code
        Transaction, city and code of the community.
    cut
        Cuts it, always the same way; called by one transaction at a time, the others then find what it stored.
    """
    keep_units(conn, city, code, cut)
    stored = load_units(conn, city, code)
    assert stored is not None  # noqa: S101 just written
    return stored


def keep_units(conn: Connection, city: City, code: str, cut: Callable[[], UnitFrames]) -> None:
    """Store the units of a community, unless it has been cut before; parameters as for :func:`units_of_community`."""
    if is_cut(conn, city, code):
        return
    approved_plans.hold_community(conn, city, code)
    if not is_cut(conn, city, code):
        made = cut()
        save_units(conn, city, code, made.units, made.unit_buildings)


def _laid(
    conn: Connection, city: City, community: str, units: StoredUnits, grids: gpd.GeoDataFrame
) -> tuple[IndexArray, pd.DataFrame]:
    """Return the row of each unit's grid, and the grids: those laid over the units, and those given as special."""
    special = units.units["special"].to_numpy(dtype=object)
    names = sorted({name for name in special if name is not None})
    all_buildings = buildings.load_buildings(conn, city, community).set_index("id")
    placed = all_buildings.loc[units.unit_buildings["building_id"]]
    rows = start_of(
        grids,
        units.units,
        np.arange(len(units.units)),
        shapely.point_on_surface(placed.geometry.to_numpy()),
        placed["households"].to_numpy(np.int64),
        units.unit_buildings["unit"].to_numpy(np.int64),
    )
    given = given_grids.load_given_grids(conn, city)
    given_special = given[given["kind"] == "special"]
    code_of = dict(zip(given_special["name"], given_special["code"], strict=True))
    kinds = grids["kind"].tolist()
    drawn = {name: row for row, name in enumerate(grids["name"]) if kinds[row] == "special"}
    others = [name for name in names if name not in drawn]
    place = drawn | {name: len(grids) + number for number, name in enumerate(others)}
    rows = np.array([row if name is None else place[name] for row, name in zip(rows, special, strict=True)], np.int64)
    table = pd.DataFrame(
        {
            "code": [*grids["code"], *(code_of.get(name) for name in others)],
            "name": [*grids["name"], *others],
            "kind": [*kinds, *["special"] * len(others)],
        },
        dtype=object,
    )
    return rows, table


def _of_plan(conn: Connection, city: City, community: str, name: str) -> Draft:
    records = [record for record in plans.load_plans(conn, city, name) if record.community_code == community]
    if not records:
        raise InputError(
            Text(f"社区 {community} 没有名为“{name}”的方案", f"community {community} has no plan of the name {name!r}")
        )
    assigned = plans.load_assignment(conn, city, records)
    grids = plans.load_grids(conn, city, records)
    units = assigned.units
    stored = load_units_of(conn, city, community, units["code"].tolist())
    land = _land(conn, city, stored)
    row_of = {code: row for row, code in enumerate(grids["code"])}
    grid_of = dict(zip(units["code"], units["grid_code"], strict=True))
    rows = np.array([row_of[grid_of[code]] for code in land.code.tolist()], np.int64)
    draft = draft_of_plan(land, rows, grids[["code", "name", "kind"]])
    return noted(draft, records[0].account, dict(enumerate(grids["code"])))


def _land(conn: Connection, city: City, units: StoredUnits) -> Land:
    return draft_land(units.units, barriers.load_barriers(conn, city))


_LANDS: Kept[Land] = Kept(LANDS_KEPT)
_NAMES: Kept[dict[str, str]] = Kept(CITIES_KEPT)
