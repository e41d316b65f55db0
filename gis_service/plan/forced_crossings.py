"""Why a grid of a draft has to cross a river, railway or expressway: a side that cannot stand alone, by arithmetic."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.arithmetic import may_fit, total_residents, totals_of
from gis_service.plan.land import Land
from gis_service.plan.rules import Rules, describe, judge
from gis_service.plan.unit_places import side_of


def forced_crossing(land: Land, free: NDArray[np.bool_], here: IndexArray, rules: Rules) -> Text | None:
    """Return why a grid cannot keep to one side of the barriers, as part of a sentence.

    Parameters
    ----------
    land
        The land of the draft.
    free
        True for units outside special grids: a side is what hangs together of them without crossing a barrier.
    here
        Positions of the units of the grid.
    rules
        The size rule.

    Returns
    -------
    Text or None
        The first side the grid has households on whose total fits no number of grids; None where each could be cut
        into grids in range as far as arithmetic knows.
    """
    borders = land.borders
    joined = free[borders.left] & free[borders.right] & borders.open
    pairs = (borders.left[joined], borders.right[joined])
    graph = coo_array((np.ones(len(pairs[0]), np.int8), pairs), shape=(len(land), len(land)))
    side = connected_components(graph, directed=False)[1]
    for number in np.unique(side[here[land.households[here] > 0]]):
        members = np.flatnonzero((side == number) & free)
        if not may_fit(totals_of(land.households[members], land.residents[members]), rules):
            residents = total_residents(land.residents[members])
            households = int(land.households[members].sum())
            sizes = describe(households, residents, judge(households, residents, "base", rules), rules)
            where = side_of(land.polygon, members)
            return Text(
                f"{where.zh}合计 {sizes.zh}，单独划不成合规的网格",
                f"the {where.en} has {sizes.en} in all, which fits no number of grids by itself",
            )
    return None
