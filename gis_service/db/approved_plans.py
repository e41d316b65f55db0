"""Approved plans: the days they are in force, the codes they ever used, and the units their drafts cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import shapely
from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from gis_service.db.cities import City
from gis_service.db.frames import next_ids
from gis_service.db.keys import BUILDING, building_keys, community_key, resolve
from gis_service.db.plans import REVOKED
from gis_service.db.tables import Building, Grid, Plan, Region, Unit, UnitBuilding
from gis_service.errors import InputError, Text
from gis_service.geo.crs import to_stored


@dataclass(frozen=True)
class Piece:
    """A unit that takes the place of another in a plan.

    Parameters
    ----------
    code
        Its code, of no other unit of the community.
    of
        Code of the stored unit it comes from.
    kind
        block, estate, cell or open.
    polygon
        Its extent in the city's metric CRS.
    buildings
        Ids of the buildings in it.
    """

    code: str
    of: str
    kind: str
    polygon: shapely.Polygon
    buildings: tuple[str, ...]


@dataclass(frozen=True)
class Approved:
    """An approved plan.

    Parameters
    ----------
    id, name
        Its key and name.
    effective_from
        First day in force.
    approved_at
        When it was approved.
    """

    id: int
    name: str
    effective_from: date
    approved_at: datetime


def unit_codes(conn: Connection, city: City, community: str) -> frozenset[str]:
    """Return the codes of all units of a community, cut ones and pieces alike."""
    region = community_key(conn, city, community)
    return frozenset(conn.scalars(select(Unit.code).where(Unit.region_id == region)))


def save_pieces(conn: Connection, city: City, community: str, pieces: Sequence[Piece]) -> None:
    """Store units that come from others; those stay, for the plans that use them."""
    if not pieces:
        return
    region = community_key(conn, city, community)
    parents = {
        row.code: row
        for row in conn.execute(
            select(Unit.code, Unit.id, Unit.special, Unit.estate_id).where(
                Unit.region_id == region, Unit.code.in_([piece.of for piece in pieces])
            )
        )
    }
    stored = to_stored(gpd.GeoDataFrame(geometry=[piece.polygon for piece in pieces], crs=city.metric_crs))
    keys = next_ids(conn, Unit, len(pieces)).tolist()
    rows = [
        {
            "id": key,
            "region_id": region,
            "parent_id": parents[piece.of].id,
            "code": piece.code,
            "kind": piece.kind,
            "special": parents[piece.of].special,
            "estate_id": parents[piece.of].estate_id,
            "geometry": f"SRID=4326;{shapely.to_wkt(shape, rounding_precision=-1)}",
        }
        for key, piece, shape in zip(keys, pieces, stored.geometry, strict=True)
    ]
    conn.execute(insert(Unit), rows)
    held = [(key, building) for key, piece in zip(keys, pieces, strict=True) for building in piece.buildings]
    if held:
        numbers = resolve([building for _, building in held], building_keys(conn, city), BUILDING)
        conn.execute(
            insert(UnitBuilding),
            [{"unit_id": key, "building_id": number} for (key, _), number in zip(held, numbers, strict=True)],
        )


def buildings_of_units(conn: Connection, city: City, community: str) -> dict[str, tuple[str, ...]]:
    """Return the ids of the buildings of every unit of a community that holds any, by the unit's code."""
    region = community_key(conn, city, community)
    query = (
        select(Unit.code, Building.code)
        .join(UnitBuilding, UnitBuilding.unit_id == Unit.id)
        .join(Building, Building.id == UnitBuilding.building_id)
        .where(Unit.region_id == region)
        .order_by(Unit.code, Building.code)
    )
    held: dict[str, tuple[str, ...]] = {}
    for unit, building in conn.execute(query):
        held[unit] = (*held.get(unit, ()), building)
    return held


def hold_community(conn: Connection, city: City, community: str) -> None:
    """Let no other transaction approve a plan of a community until this one ends: neither codes nor days cross."""
    region = community_key(conn, city, community)
    conn.execute(select(Region.id).where(Region.id == region).with_for_update(key_share=True))


def last_approved(conn: Connection, city: City, community: str) -> Approved | None:
    """Return the plan of a community that came, or comes, into force last; None: none was ever approved."""
    region = community_key(conn, city, community)
    query = (
        select(Plan.id, Plan.name, Plan.effective_from, Plan.created_at)
        .where(Plan.region_id == region, Plan.effective_from.is_not(None))
        .order_by(Plan.effective_from.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    assert row.effective_from is not None  # noqa: S101 as was asked for
    return Approved(row.id, row.name, row.effective_from, row.created_at)


def put_in_force(conn: Connection, city: City, community: str, plan: int, effective: date) -> int | None:
    """Put a plan in force from a day on, end the one that was, and return its key; None: there was none.

    Raises
    ------
    InputError
        A plan of the community comes into force on that day or later.
    """
    last = last_approved(conn, city, community)
    if last is not None and effective <= last.effective_from:
        raise InputError(
            Text(
                f"生效日期 {effective} 须晚于上一个批准方案的生效日期 {last.effective_from}"
                "；那个方案若尚未生效，审核员可在它的草案页撤销批准",
                f"the plan must come into force after {last.effective_from}, when the one approved before it did; "
                "while that one is not in force yet, a reviewer can revoke its approval on the page of its draft",
            )
        )
    if last is not None:
        conn.execute(update(Plan).where(Plan.id == last.id).values(effective_to=effective))
    conn.execute(update(Plan).where(Plan.id == plan).values(effective_from=effective))
    return None if last is None else last.id


def take_back(conn: Connection, city: City, community: str, plan: int) -> None:
    """Let an approved plan never come into force; the one before it goes on. It stays, and so do its codes.

    Parameters
    ----------
    conn, city, community
        Transaction that holds the community, its city and code.
    plan
        Key of an approved plan whose first day in force is yet to come.

    Raises
    ------
    InputError
        Another plan comes into force after it.
    """
    last = last_approved(conn, city, community)
    assert last is not None  # noqa: S101 the plan itself is one
    if last.id != plan:
        raise InputError(
            Text(
                f"其后还有 {last.effective_from} 起生效的批准方案，请先撤销那个方案的批准",
                f"another approved plan comes into force on {last.effective_from}; revoke that one first",
            )
        )
    revoked = {REVOKED: last.effective_from.isoformat()}
    conn.execute(
        update(Plan)
        .where(Plan.id == plan)
        .values(
            effective_from=None,
            effective_to=None,
            tentative=True,
            account=Plan.account.op("||")(bindparam("revoked", revoked, type_=JSONB)),
        )
    )
    region = community_key(conn, city, community)
    before = Plan.region_id == region, Plan.effective_to == last.effective_from
    conn.execute(update(Plan).where(*before).values(effective_to=None))


def is_revoked(conn: Connection, city: City, community: str, name: str | None) -> bool:
    """Return whether a community has a plan of a name whose approval was taken back."""
    region = community_key(conn, city, community)
    return bool(conn.scalar(select(Plan.account.has_key(REVOKED)).where(Plan.region_id == region, Plan.name == name)))


def first_day(conn: Connection, plan: int) -> date | None:
    """Return the first day in force of a plan; None: it is not approved."""
    return conn.scalar(select(Plan.effective_from).where(Plan.id == plan))


def codes_ever_in_force(conn: Connection, city: City, *, before: datetime | None = None) -> frozenset[str]:
    """Return every grid code a plan of a city has or had that was approved before a moment; None: until now.

    Those of plans whose approval was revoked are among them: they stand on papers that were handed out.
    """
    query = (
        select(Grid.code)
        .join(Plan, Plan.id == Grid.plan_id)
        .join(Region, Region.id == Plan.region_id)
        .where(Region.city_id == city.id, or_(Plan.effective_from.is_not(None), Plan.account.has_key(REVOKED)))
    )
    if before is not None:
        query = query.where(Plan.created_at < before)
    return frozenset(conn.scalars(query))
