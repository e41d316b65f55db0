"""What the desk's first pages list: communities with their grids and drafts, and the plans of a community."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from sqlalchemy import Connection, text

from gis_service.db.layers import Edition
from gis_service.db.plan_history import load_plans_of
from gis_service.db.plans import PlanRecord

_QUERY = resources.files("gis_service.db").joinpath("queries", "desk_communities.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class DeskCommunity:
    """A community as the desk lists it.

    Parameters
    ----------
    code, name
        Its code and name.
    street_code, street_name
        The street it belongs to; None: none.
    regions
        Its code and those of the regions above it, from below.
    grids
        How many grids of each status the plan shown has; empty without a plan.
    drafts, submitted
        How many drafts are being made, and how many wait for a reviewer.
    """

    code: str
    name: str
    street_code: str | None
    street_name: str | None
    regions: tuple[str, ...]
    grids: Mapping[str, int]
    drafts: int
    submitted: int


def load_desk_communities(conn: Connection, edition: Edition) -> list[DeskCommunity]:
    """Return the communities of a city that have an extent, by street and code."""
    rows = conn.execute(text(_QUERY), {"city_id": edition.city.id, "plans": list(edition.plans)}).mappings()
    return [DeskCommunity(**{**row, "regions": tuple(row["regions"])}) for row in rows]


def load_community_plans(conn: Connection, edition: Edition, community: str) -> list[PlanRecord]:
    """Return every plan of a community: that which is shown, those approved, the others, the newest first."""
    plans = load_plans_of(conn, edition.city, community)
    return sorted(plans, key=lambda plan: plan.id not in edition.plans)
