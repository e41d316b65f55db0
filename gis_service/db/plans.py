"""Units, plans, grids and the assignment of units to grids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Date, case, cast, delete, func, insert, literal, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch, fetch_geometries, next_ids, wkb
from gis_service.db.keys import community_key
from gis_service.db.tables import Assignment, Building, Grid, Plan, Region, Unit, UnitBuilding
from gis_service.db.units import UNIT_COLUMNS, unit_keys, unit_number, units_query
from gis_service.errors import InputError, Text, UnknownPlanError
from gis_service.geo.crs import to_stored

GRID_COLUMNS: dict[str, Kind] = {
    "code": "text",
    "name": "text",
    "kind": "text",
    "status": "text",
    "households": "count",
    "residents": "optional_count",
}
REVOKED = "revoked"
"""Beside the account of a plan whose approval was taken back: the first day on which it would have been in force."""
OFFICE_ZONE = "Asia/Shanghai"
"""Where the days of offices begin, as in view ``plan_shown``."""
COMMUNITY_COLUMNS: dict[str, Kind] = {"community_code": "text", "plan_id": "count"}


@dataclass(frozen=True)
class PlanRecord:
    """A stored plan of one community, without its grids.

    Parameters
    ----------
    id
        Key in the store.
    community_code, name
        The plan's community and name; together they are unique in a city.
    rules, findings, account
        As they were given to ``save_plan``.
    seed
        Seed of the random generator.
    data_date
        The households are those of this day.
    software_version, created_at
        What made it, and when it was saved.
    effective_from, effective_to
        First day in force, and first day no longer so; None: never approved, or no end set.
    tentative
        It was only asked for at the desk, and never stands for its community.
    """

    id: int
    community_code: str
    name: str
    rules: dict[str, Any]
    findings: dict[str, Any]
    account: dict[str, Any]
    seed: int
    data_date: date
    software_version: str
    created_at: datetime
    effective_from: date | None = None
    effective_to: date | None = None
    tentative: bool = False

    @property
    def revoked(self) -> bool:
        """Whether it was approved, and the approval taken back before it came into force."""
        return REVOKED in self.account


class StoredAssignment(NamedTuple):
    """Which grid every unit and every building belongs to, in one or several plans.

    Parameters
    ----------
    units
        Units frame in the city's metric CRS with ``community_code``, ``plan_id`` and ``grid_code``; sorted by
        community, plan and unit.
    buildings
        ``building_id``, ``unit``, ``community_code``, ``plan_id`` and ``grid_code``; sorted by building and plan.
    """

    units: gpd.GeoDataFrame
    buildings: pd.DataFrame


def save_plan(
    conn: Connection,
    city: City,
    community_code: str,
    *,
    name: str,
    rules: Mapping[str, Any],
    findings: Mapping[str, Any],
    account: Mapping[str, Any],
    seed: int,
    software_version: str,
    labels: NDArray[np.int64],
    grids: gpd.GeoDataFrame,
    unit_codes: Sequence[str] | None = None,
    tentative: bool = False,
) -> int:
    """Store a plan of a community over its stored units and return the plan's key.

    A plan of that name and community is replaced.

    Parameters
    ----------
    conn, city, community_code
        Transaction, city and community.
    name
        Name of the plan.
    rules, findings, account
        Plain values for JSON: what it was made by, what is wrong with it, what it started from and is worth.
    seed
        Seed of the random generator.
    software_version
        What made the plan.
    labels
        Row number in ``grids`` for every unit, in the order of the units' numbers, or of ``unit_codes``.
    grids
        Grids frame.
    unit_codes
        Codes of the stored units it assigns; None: those of the first cut.
    tentative
        It is only there to begin drafts with, and is never shown unless somebody asks for it by name.

    Raises
    ------
    InputError
        The city has no such community, or its plan of that name was approved.
    ValueError
        There is not one label for every stored unit.
    """
    region = community_key(conn, city, community_code)
    approved = select(Plan.id).where(Plan.region_id == region, Plan.name == name, Plan.effective_from.is_not(None))
    if conn.scalar(approved) is not None:
        raise InputError(
            Text(
                f"社区 {community_code} 的方案“{name}”已批准，不能覆盖，请换一个名称",
                f"plan {name!r} of community {community_code} was approved and is never replaced; choose another name",
            )
        )
    conn.execute(delete(Plan).where(Plan.region_id == region, Plan.name == name))
    row = {
        "region_id": region,
        "name": name,
        "rules": dict(rules),
        "findings": dict(findings),
        "account": dict(account),
        "seed": seed,
        "data_date": city.data_date,
        "software_version": software_version,
        "tentative": tentative,
    }
    plan = conn.scalars(insert(Plan).values(row).returning(Plan.id)).one()
    grid_keys = next_ids(conn, Grid, len(grids))
    copy_rows(
        conn,
        Grid,
        {
            "id": grid_keys.tolist(),
            "plan_id": [plan] * len(grids),
            "region_id": [region] * len(grids),
            **{column: grids[column] for column in GRID_COLUMNS},
            "geometry": to_stored(grids).geometry,
        },
    )
    units = unit_keys(conn, region, unit_codes)
    if len(units) != len(labels):
        message = f"{len(labels)} labels for the {len(units)} units of community {community_code}"
        raise ValueError(message)
    copy_rows(
        conn,
        Assignment,
        {
            "plan_id": [plan] * len(units),
            "unit_id": units,
            "grid_id": grid_keys[labels].tolist(),
            "region_id": [region] * len(units),
        },
    )
    return plan


def load_plans(conn: Connection, city: City, name: str | None = None, *, on: date | None = None) -> list[PlanRecord]:
    """Return the plan to show of every community, or the plans of one name, sorted by community code.

    Parameters
    ----------
    conn, city
        Transaction and city.
    name
        Name of the plans; None: of each community the plan in force, or where none is the newest that is not tentative.
    on
        Only plans in force on this day; None: whatever their days.

    Raises
    ------
    UnknownPlanError
        No community has a plan of that name; without a name an empty list is returned instead.
    """
    names = [field.name for field in fields(PlanRecord)]
    columns = [Region.code if name == "community_code" else getattr(Plan, name) for name in names]
    # In force goes before proposed, and that before what was, or will be, in force.
    first = case((in_force(on), 0), (Plan.effective_from.is_(None), 1), else_=2)
    newest_first = (first, Plan.created_at.desc(), Plan.id.desc())
    ranked = select(Plan.id, func.row_number().over(partition_by=Plan.region_id, order_by=newest_first).label("rank"))
    ranked = ranked.where(~Plan.tentative if name is None else Plan.name == name)
    if on is not None:
        ranked = ranked.where(in_force(on))
    chosen = ranked.subquery()
    query = (
        select(*columns)
        .join(chosen, (chosen.c.id == Plan.id) & (chosen.c.rank == 1))
        .join(Region, Region.id == Plan.region_id)
        .where(Region.city_id == city.id)
        .order_by(c_order(Region.code))
    )
    records = [PlanRecord(*row) for row in conn.execute(query)]
    if name is not None and not records:
        known = conn.scalars(select(Plan.name).distinct().join(Region).where(Region.city_id == city.id)).all()
        listed = sorted(known)
        raise UnknownPlanError(
            Text(
                f"城市 {city.name} 没有名为“{name}”的方案，现有：{'、'.join(listed) or '无'}",
                f"city {city.name} has no plan {name!r}; there are: {', '.join(listed) or 'none'}",
            )
        )
    return records


def in_force(on: date | None = None) -> ColumnElement[bool]:
    """Return the condition that a plan is in force on a day, by default today; NULL for one never approved."""
    day = cast(func.timezone(OFFICE_ZONE, func.now()), Date) if on is None else literal(on)
    return (Plan.effective_from <= day) & (Plan.effective_to.is_(None) | (day < Plan.effective_to))


def load_grids(conn: Connection, city: City, plans: Sequence[PlanRecord]) -> gpd.GeoDataFrame:
    """Return the grids frame of ``plans`` with ``community_code`` and ``plan_id``, sorted by code and plan."""
    return load_grids_of(conn, city, _ids(plans))


def load_grids_of(conn: Connection, city: City, plans: Sequence[int]) -> gpd.GeoDataFrame:
    """Return what `load_grids` does, of plans by their keys."""
    columns = [getattr(Grid, column) for column in GRID_COLUMNS]
    query = (
        select(*columns, Region.code, Grid.plan_id, wkb(Grid.geometry))
        .join(Region, Region.id == Grid.region_id)
        .where(Grid.plan_id.in_(plans))
        .order_by(c_order(Grid.code), Grid.plan_id)
    )
    return fetch_geometries(conn, query, GRID_COLUMNS | COMMUNITY_COLUMNS, city.metric_crs)


def load_assignment(conn: Connection, city: City, plans: Sequence[PlanRecord]) -> StoredAssignment:
    """Return the units and buildings of ``plans`` with the grid each belongs to."""
    assigned = (
        select(
            Assignment.unit_id.label("id"),
            unit_number(Assignment.plan_id).label("unit"),
            Region.code.label("community_code"),
            Assignment.plan_id.label("plan_id"),
            Grid.code.label("grid_code"),
        )
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Grid, Grid.id == Assignment.grid_id)
        .join(Region, Region.id == Assignment.region_id)
        .where(Assignment.plan_id.in_(_ids(plans)))
        .subquery()
    )
    membership = (assigned.c.community_code, assigned.c.plan_id, assigned.c.grid_code)
    kinds: dict[str, Kind] = COMMUNITY_COLUMNS | {"grid_code": "text"}
    unit_query = (
        units_query(assigned.c.unit, *membership)
        .join(assigned, assigned.c.id == Unit.id)
        .order_by(c_order(assigned.c.community_code), assigned.c.plan_id, assigned.c.unit)
    )
    building_query = (
        select(Building.code, assigned.c.unit, *membership)
        .join(UnitBuilding, UnitBuilding.building_id == Building.id)
        .join(assigned, assigned.c.id == UnitBuilding.unit_id)
        .order_by(c_order(Building.code), assigned.c.plan_id)
    )
    building_kinds: dict[str, Kind] = {"building_id": "text", "unit": "count"}
    return StoredAssignment(
        fetch_geometries(conn, unit_query, UNIT_COLUMNS | kinds, city.metric_crs),
        fetch(conn, building_query, building_kinds | kinds),
    )


def _ids(plans: Sequence[PlanRecord]) -> list[int]:
    return [plan.id for plan in plans]
