"""What each facility serves: who walks to it, whether its floor area is enough, and what each building has in reach."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.reach.capacity import AREA_PER_HUNDRED_HOUSEHOLDS_M2, floating_catchment, floor_area
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.siting.distances import walk_matrix
from gis_service.reach.snapping import ROUNDING_M, Snaps


def service_of(
    network: WalkingNetwork,
    origins: Snaps,
    targets: Snaps,
    households: NDArray[np.int64],
    facilities: gpd.GeoDataFrame,
    owner: NDArray[np.int64],
    cutoff_m: float,
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return what the facilities serve, and the floor area that every building has within reach.

    Parameters
    ----------
    network, origins, targets
        The network, the buildings and the facilities on it.
    households
        Households of each building that count [count].
    facilities
        Columns ``id`` and, where known, ``area_m2`` [m²] (nan: unknown), in the order of `targets`.
    owner
        Nearest facility of each building within the cut-off; -1: none.
    cutoff_m
        Longest walk [m], inclusive.

    Returns
    -------
    facilities : pandas.DataFrame
        ``facility_id``; ``households`` (nearest facility within the cut-off) and ``households_in_reach`` (all within
        the cut-off) [count]; ``area_m2``; ``area_per_hundred_m2`` [m² per hundred households, nan: unknown or nobody]
        and ``over_capacity`` (less than the standard wants), both by the nearest; ``shared_per_hundred_m2``: the area
        over all households in reach, step one of the floating catchment.
    access_m2 : numpy.ndarray
        Floor area per hundred households that a building has within reach, step two of the floating catchment [m²]; 0
        where it reaches none.
    """
    pairs = walk_matrix(network, origins, targets, limit_m=cutoff_m + ROUNDING_M).tocoo()
    place, facility = (axis.astype(np.int64) for axis in pairs.coords)
    area_m2 = (
        facilities["area_m2"].to_numpy(np.float64) if "area_m2" in facilities else np.full(len(facilities), np.nan)
    )
    area_m2 = area_m2.copy()
    shared = floating_catchment(place, facility, households.astype(np.float64), 100.0 * area_m2)
    nearest = floor_area(owner, households, area_m2)
    table = pd.DataFrame(
        {
            "facility_id": facilities["id"].to_numpy(object),
            "households": nearest.households,
            "households_in_reach": shared.demand_of_facility.astype(np.int64),
            "area_m2": area_m2,
            "area_per_hundred_m2": nearest.area_per_hundred_m2,
            "shared_per_hundred_m2": np.where(shared.demand_of_facility > 0, shared.supply_per_person, np.nan),
            "over_capacity": nearest.over_capacity,
        }
    )
    return table, shared.access


def capacity_summary(service: pd.DataFrame, households: int) -> dict[str, Any]:
    """Return what a reader has to know of the facilities' floor area, as plain values for JSON.

    Parameters
    ----------
    service
        See :func:`service_of`; facilities of unknown area add nothing.
    households
        All households of the communities, near or far [count].

    Returns
    -------
    dict
        ``facilities_area_unknown`` (how many), ``facilities_over_capacity`` (ids, those with least area for a household
        first), ``area_per_hundred_households_m2`` (the whole floor area for every hundred of all households, so that it
        does not depend on how far people walk; None: no household, or no area is known though there are facilities) and
        ``area_wanted_per_hundred_households_m2``.
    """
    known = service["area_m2"].notna()
    told = households > 0 and (bool(known.any()) or service.empty)
    over = service[service["over_capacity"]].sort_values(["area_per_hundred_m2", "facility_id"])
    return {
        "facilities_area_unknown": int((~known).sum()),
        "facilities_over_capacity": over["facility_id"].tolist(),
        "area_per_hundred_households_m2": 100.0 * float(service["area_m2"].sum()) / households if told else None,
        "area_wanted_per_hundred_households_m2": AREA_PER_HUNDRED_HOUSEHOLDS_M2,
    }
