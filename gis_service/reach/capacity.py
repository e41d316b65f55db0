"""Whether facilities are large enough for the people within reach: floating catchments and floor area per household."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AREA_PER_HUNDRED_HOUSEHOLDS_M2 = 30.0
"""Floor area of community service facilities wanted for every hundred households [m²]."""


@dataclass(frozen=True)
class FloatingCatchment:
    """Supply shared out over the people within reach of it.

    Parameters
    ----------
    demand_of_facility
        People within reach of each facility, weighted [count]; 0 where nobody is.
    supply_per_person
        Supply of each facility over those people; nan where the supply is unknown, 0 where nobody is within reach.
    access
        Sum of `supply_per_person` over the facilities each place reaches, weighted; 0 where it reaches none. Facilities
        of unknown supply add nothing.
    """

    demand_of_facility: NDArray[np.float64]
    supply_per_person: NDArray[np.float64]
    access: NDArray[np.float64]


def floating_catchment(
    place: NDArray[np.int64],
    facility: NDArray[np.int64],
    people: NDArray[np.float64],
    supply: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
) -> FloatingCatchment:
    """Return the access of every place to supply by the two-step floating catchment.

    Parameters
    ----------
    place, facility
        Pairs within reach of each other, both from 0; each pair once.
    people
        People of each place [count].
    supply
        Supply of each facility, for example floor area [m²]; nan where unknown.
    weight
        Weight of each pair, 0 (exclusive) to 1, for example by walking time; None: 1 within reach.

    Returns
    -------
    FloatingCatchment
        Summed over all places, people times access is the supply of the facilities that anybody reaches.

    Notes
    -----
    Step one: ``R_j = S_j / sum_k w_kj P_k`` over the places k within reach of facility j; step two:
    ``A_i = sum_j w_ij R_j`` over the facilities within reach of place i. W. Luo and F. Wang, "Measures of spatial
    accessibility to health care in a GIS environment", Environment and Planning B 30 (2003); weighted by zones: W. Luo
    and Y. Qi, "An enhanced two-step floating catchment area (E2SFCA) method", Health & Place 15 (2009).
    """
    share = np.ones(len(place)) if weight is None else weight
    demand = np.bincount(facility, share * people[place], minlength=len(supply)).astype(np.float64)
    per_person = np.divide(supply, demand, out=np.where(np.isnan(supply), np.nan, 0.0), where=demand > 0)
    access = np.bincount(place, share * np.nan_to_num(per_person)[facility], minlength=len(people)).astype(np.float64)
    return FloatingCatchment(demand, per_person, access)


@dataclass(frozen=True)
class FloorArea:
    """Floor area of facilities against the households that walk to them.

    Parameters
    ----------
    households
        Households whose nearest facility it is [count].
    area_per_hundred_m2
        Floor area for every hundred of them [m²]; nan where the area is unknown or nobody comes.
    over_capacity
        True where that is less than wanted; never where the area is unknown or nobody comes.
    """

    households: NDArray[np.int64]
    area_per_hundred_m2: NDArray[np.float64]
    over_capacity: NDArray[np.bool_]


def floor_area(
    owner: NDArray[np.int64],
    households: NDArray[np.int64],
    area_m2: NDArray[np.float64],
    *,
    wanted_m2: float = AREA_PER_HUNDRED_HOUSEHOLDS_M2,
) -> FloorArea:
    """Return how much floor area each facility has for the households whose nearest it is.

    Parameters
    ----------
    owner
        Nearest facility of each building within the cut-off, from 0; -1: none.
    households
        Households of each building [count].
    area_m2
        Floor area of each facility [m²]; nan where unknown.
    wanted_m2
        Floor area wanted for every hundred households [m²], inclusive.
    """
    served = owner >= 0
    count = np.bincount(owner[served], households[served], minlength=len(area_m2)).astype(np.int64)
    per_hundred = np.divide(100.0 * area_m2, count, out=np.full(len(area_m2), np.nan), where=count > 0)
    return FloorArea(count, per_hundred, per_hundred < wanted_m2)
