"""What the grids of communities have been called until now: those given, and those of the plan a new one starts from.

Plans that were merely tried bind nobody: the same request gives the same codes whatever was proposed before it
(decision 6). Once plans come into force, the codes of those that are or ever were join the given ones here.
"""

from collections.abc import Sequence

import geopandas as gpd

from gis_service.db import plans
from gis_service.db.approved_plans import codes_ever_in_force
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.plan.lineage import Past

RETIRED = "retired"
"""Beside the findings of a stored plan: codes that ended with it, which no plan that starts from it may give again.

Plans of older software have no such entry.
"""


def load_pasts(
    conn: Connection, city: City, given: gpd.GeoDataFrame, communities: Sequence[str], start: str | None = None
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
    start
        Name of the stored plan that the new one starts from; None: it starts from none.

    Raises
    ------
    UnknownPlanError
        No plan of that name.
    """
    records = [] if start is None else plans.load_plans(conn, city, start)
    grids = plans.load_grids(conn, city, records)
    retired = {record.community_code: frozenset(record.findings.get(RETIRED, ())) for record in records}
    # A given grid may lie in another community than its code says, and so may one of an approved plan.
    anywhere = frozenset(given["code"].dropna()) | codes_ever_in_force(conn, city)
    pasts = {}
    for code in communities:
        here = given[given["community_code"] == code]
        begun = grids[grids["community_code"] == code].reset_index(drop=True)
        followed = retired.get(code, frozenset()).union(begun["code"])
        pasts[code] = Past(
            given=here[here["kind"] == "base"].reset_index(drop=True),
            plans=() if begun.empty else (begun,),
            taken=anywhere | followed,
            ending=followed.union(here["code"].dropna()),
        )
    return pasts
