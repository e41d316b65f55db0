"""What the grids of communities have been called until now: those given, in force, and of the plan one starts from.

Plans that were merely tried bind nobody: the same request gives the same codes whatever was proposed before it
(decision 6). The codes of plans that are or ever were in force are taken as the given ones are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import geopandas as gpd

from gis_service.db import plans
from gis_service.db.approved_plans import codes_ever_in_force
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.plan.lineage import Past
from gis_service.workflows.plan_names import NOTHING, TODAY

RETIRED = "retired"
"""Beside the findings of a stored plan: codes that ended with it, which no plan that starts from it may give again.

Plans of older software have no such entry.
"""


def plans_followed(conn: Connection, city: City, start: str = NOTHING) -> dict[str, PlanRecord]:
    """Return by community the stored plan whose codes and names a new plan goes on with, wherever its grids do.

    Parameters
    ----------
    conn, city
        Transaction and city.
    start
        Name of the stored plan that the new one starts from; `NOTHING` or `TODAY`: from none, and then it goes on with
        the last plan approved, in force today or from some day on.

    Raises
    ------
    UnknownPlanError
        No plan of that name.
    """
    from_none = start in {NOTHING, TODAY}
    records = plans.load_plans(conn, city, on=date.max) if from_none else plans.load_plans(conn, city, start)
    return {record.community_code: record for record in records}


def load_pasts(
    conn: Connection,
    city: City,
    given: gpd.GeoDataFrame,
    communities: Sequence[str],
    followed: Mapping[str, PlanRecord],
    *,
    before: datetime | None = None,
) -> dict[str, Past]:
    """Return the past of each community for a new plan.

    Parameters
    ----------
    conn, city
        Transaction and city.
    given
        The given grids frame of the city.
    communities
        Codes of the communities.
    followed
        The plans of :func:`plans_followed`.
    before
        Moment of which the past is told; what was approved later is left out. None: now.
    """
    records = list(followed.values())
    grids = plans.load_grids(conn, city, records)
    retired = {code: frozenset(record.findings.get(RETIRED, ())) for code, record in followed.items()}
    # A given grid may lie in another community than its code says, and so may one of an approved plan.
    anywhere = frozenset(given["code"].dropna()) | codes_ever_in_force(conn, city, before=before)
    pasts = {}
    for code in communities:
        here = given[given["community_code"] == code]
        begun = grids[grids["community_code"] == code].reset_index(drop=True)
        ended = retired.get(code, frozenset()).union(begun["code"])
        pasts[code] = Past(
            given=here[here["kind"] == "base"].reset_index(drop=True),
            plans=() if begun.empty else (begun,),
            taken=anywhere | ended,
            ending=ended.union(here["code"].dropna()),
        )
    return pasts
