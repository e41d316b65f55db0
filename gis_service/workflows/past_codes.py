"""What the grids of communities have been called until now: those given, and those of stored plans."""

from collections.abc import Sequence

import geopandas as gpd

from gis_service.db import plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plan_history import load_plan_history
from gis_service.plan.lineage import Past

RETIRED = "retired"
"""Beside the findings of a stored plan: codes that ended with it, which no later plan may give to other land.

Plans of older software have no such entry.
"""


def load_pasts(
    conn: Connection, city: City, given: gpd.GeoDataFrame, communities: Sequence[str], plan: str, start: str = ""
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
    plan
        Name of the new plan. It follows the plan of that name, which it replaces, before others; of these the newest.
    start
        Name of the plan it starts from, which it follows before all others; empty: none.
    """
    records = [record for record in load_plan_history(conn, city) if record.community_code in communities]
    records.sort(key=lambda record: (record.name != start, record.name != plan))
    grids = plans.load_grids(conn, city, records)
    anywhere = frozenset(given["code"].dropna())  # a given grid may lie in another community than its code says
    pasts = {}
    for code in communities:
        own = [record for record in records if record.community_code == code]
        retired = {record.id: set(record.findings.get(RETIRED, ())) for record in own}
        planned = {record.id: grids[grids["plan_id"] == record.id].reset_index(drop=True) for record in own}
        here = given[given["community_code"] == code]
        replaced = [{*planned[record.id]["code"], *retired[record.id]} for record in own if record.name == plan]
        pasts[code] = Past(
            given=here[here["kind"] == "base"].reset_index(drop=True),
            plans=tuple(planned.values()),
            taken=anywhere.union(*(frame["code"] for frame in planned.values()), *retired.values()),
            ending=frozenset(here["code"].dropna()).union(*replaced),
        )
    return pasts
