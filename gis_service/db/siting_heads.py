"""Which siting runs a city has, and the candidate sites of one, for lists and maps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import Connection, func, select

from gis_service.db.cities import City
from gis_service.db.frames import c_order
from gis_service.db.tables import Region, SitingRun, SitingSite


@dataclass(frozen=True)
class SitingHead:
    """A siting run without its result.

    Parameters
    ----------
    id
        Number people know it by.
    rules, summary
        Parameters in force, see :class:`gis_service.reach.siting.rules.SitingRules`, and remarks of the run.
    given
        Whether the candidates came from a list.
    candidates, sites
        How many there were, and how many of them are to be opened [count].
    software_version, created_at
        What computed it, and when it was saved.
    """

    id: int
    rules: dict[str, Any]
    summary: dict[str, Any]
    given: bool
    candidates: int
    sites: int
    software_version: str
    created_at: datetime


def load_siting_heads(conn: Connection, city: City, most: int) -> list[SitingHead]:
    """Return the siting runs of a city, the newest first, at most so many."""
    counts = (
        select(func.count(), func.count(SitingSite.rank)).where(SitingSite.run_id == SitingRun.id).lateral("counted")
    )
    candidates, sites = counts.c
    query = (
        select(
            SitingRun.id,
            SitingRun.rules,
            SitingRun.summary,
            SitingRun.given,
            candidates.label("candidates"),
            sites.label("sites"),
            SitingRun.software_version,
            SitingRun.created_at,
        )
        .join(counts, onclause=SitingRun.id.is_not(None))
        .where(SitingRun.city_id == city.id)
        .order_by(SitingRun.created_at.desc(), SitingRun.id.desc())
        .limit(most)
    )
    return [SitingHead(**row) for row in conn.execute(query).mappings()]


def load_candidate_sites(conn: Connection, run: int) -> list[dict[str, Any]]:
    """Return the candidates of a siting run: those to open by rank, then the others by code.

    Returns
    -------
    list of dict
        ``code``, ``name``, ``cost``, ``capacity``, ``rank``, ``households_gained``, ``street``, ``community_code``
        (None: unknown, or not to be opened), ``lon``, ``lat`` [degrees].
    """
    query = (
        select(
            SitingSite.code,
            SitingSite.name,
            SitingSite.cost,
            SitingSite.capacity,
            SitingSite.rank,
            SitingSite.households_gained,
            SitingSite.street,
            Region.code.label("community_code"),
            ST_X(SitingSite.geometry).label("lon"),
            ST_Y(SitingSite.geometry).label("lat"),
        )
        .outerjoin(Region, Region.id == SitingSite.region_id)
        .where(SitingSite.run_id == run)
        .order_by(SitingSite.rank.asc().nulls_last(), c_order(SitingSite.code))
    )
    return [dict(row) for row in conn.execute(query).mappings()]
