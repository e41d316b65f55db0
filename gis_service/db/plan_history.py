"""Every plan of a community or a city, not only the one that is shown: those in force before others, and proposals."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select

from gis_service.db.cities import City
from gis_service.db.frames import c_order
from gis_service.db.plans import PlanRecord
from gis_service.db.tables import Plan, Region


def load_approved(conn: Connection, city: City) -> list[PlanRecord]:
    """Return every plan of a city that was ever approved, by community and then the latest first."""
    latest_first = (c_order(Region.code), Plan.effective_from.desc())
    return _records(conn, city, Plan.effective_from.is_not(None), latest_first)


def load_plans_of(conn: Connection, city: City, community: str) -> list[PlanRecord]:
    """Return every plan of a community: those approved, the latest first, then the others, the newest first."""
    latest_first = (Plan.effective_from.desc().nulls_last(), Plan.created_at.desc(), Plan.id.desc())
    return _records(conn, city, Region.code == community, latest_first)


def delete_plans(conn: Connection, keys: Sequence[int]) -> None:
    """Delete plans that were never approved, with their grids; others among them stay."""
    conn.execute(delete(Plan).where(Plan.id.in_(keys), Plan.effective_from.is_(None)))


def _records(
    conn: Connection, city: City, condition: ColumnElement[bool], order: tuple[ColumnElement[Any], ...]
) -> list[PlanRecord]:
    names = [field.name for field in fields(PlanRecord)]
    columns = [Region.code if name == "community_code" else getattr(Plan, name) for name in names]
    query = (
        select(*columns)
        .join(Region, Region.id == Plan.region_id)
        .where(Region.city_id == city.id, condition)
        .order_by(*order)
    )
    return [PlanRecord(*row) for row in conn.execute(query)]
