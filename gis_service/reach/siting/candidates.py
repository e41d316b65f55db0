"""Places where a facility could be opened: given ones, or street corners near people who are not covered."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from gis_service.reach.network import WalkingNetwork

PEOPLE_AT_ONCE = 4096
"""How many demand points' neighbourhoods are held in memory together."""


@dataclass(frozen=True)
class Candidates:
    """Where facilities could be opened.

    Parameters
    ----------
    ids
        One id per candidate, unique.
    xy
        Position [m] in the network's CRS, shape (k, 2).
    cost, capacity
        As in `SitingProblem`.
    left_out
        How many more there would have been, had not so many been enough.
    """

    ids: tuple[str, ...]
    xy: NDArray[np.float64]
    cost: NDArray[np.float64] | None = None
    capacity: NDArray[np.float64] | None = None
    left_out: int = 0


def given_candidates(sites: gpd.GeoDataFrame) -> Candidates:
    """Return given sites, such as vacant public rooms, as candidates.

    Parameters
    ----------
    sites
        Columns ``id`` and ``geometry`` (Point, metric CRS), and if known ``cost`` (> 0, any one unit) and ``capacity``
        (households, >= 0; missing: any number).

    Returns
    -------
    Candidates
        In the order of rows.
    """
    capacity = None
    if "capacity" in sites:
        given = sites["capacity"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        capacity = np.where(np.isnan(given), np.inf, given).astype(np.float64)
    return Candidates(
        ids=tuple(sites["id"].astype(str)),
        xy=shapely.get_coordinates(sites.geometry.to_numpy()),
        cost=sites["cost"].to_numpy(np.float64) if "cost" in sites else None,
        capacity=capacity,
    )


def generated_candidates(
    network: WalkingNetwork,
    uncovered_xy: NDArray[np.float64],
    households: NDArray[np.float64],
    *,
    within_m: float,
    spacing_m: float,
    most: int | None = None,
) -> Candidates:
    """Return street corners near uncovered people, thinned so that no two are nearer than the spacing.

    Corners are taken by the households not covered within a straight line of `within_m`, most first, then from west to
    east and south to north; one that is nearer than `spacing_m` to one taken before is passed over.

    Parameters
    ----------
    network
        The walking network; only corners of snappable edges are taken.
    uncovered_xy
        Demand points that are not covered [m], shape (k, 2).
    households
        Weight of each of them, >= 0.
    within_m
        Straight line between a corner and those it is judged by [m], inclusive, > 0.
    spacing_m
        Least straight line between candidates [m], > 0.
    most
        How many at most; None: any number.

    Returns
    -------
    Candidates
        Named ``new-1``, ``new-2`` … in the order in which they were taken.
    """
    ends = network.snappable_edges
    node = np.unique(np.concatenate([network.edges.u[ends], network.edges.v[ends]]))
    xy = network.node_xy[node]
    near = _households_near(xy, uncovered_xy, households, within_m)
    order = np.lexsort((xy[:, 1], xy[:, 0], -near))
    order = order[near[order] > 0.0]
    spaced = xy[order][_spaced(xy[order], spacing_m)]
    chosen = spaced[:most]
    return Candidates(tuple(f"new-{k + 1}" for k in range(len(chosen))), chosen, left_out=len(spaced) - len(chosen))


def _households_near(
    xy: NDArray[np.float64], people_xy: NDArray[np.float64], households: NDArray[np.float64], within_m: float
) -> NDArray[np.float64]:
    """Return the households within a straight line of each place."""
    near = np.zeros(len(xy))
    if not len(people_xy) or not len(xy):
        return near
    # Added in one order of people whatever their rows, so that equal places stay equal to the last bit.
    order = np.lexsort((households, people_xy[:, 1], people_xy[:, 0]))
    tree = KDTree(xy)
    for start in range(0, len(order), PEOPLE_AT_ONCE):
        some = order[start : start + PEOPLE_AT_ONCE]
        places = tree.query_ball_point(people_xy[some], within_m)
        count = np.array([len(each) for each in places])
        np.add.at(near, np.concatenate(places).astype(np.int64), np.repeat(households[some], count))
    return near


def _spaced(xy: NDArray[np.float64], spacing_m: float) -> NDArray[np.int64]:
    """Return the rows that are taken one after the other, each at least the spacing away from those before."""
    taken: list[int] = []
    if not len(xy):
        return np.array(taken, dtype=np.int64)
    tree, free = KDTree(xy), np.ones(len(xy), bool)
    for row in range(len(xy)):
        if not free[row]:
            continue
        taken.append(row)
        around = np.array(tree.query_ball_point(xy[row], spacing_m))
        apart = np.hypot(*(xy[around] - xy[row]).T)
        free[around[apart < spacing_m]] = False
    return np.array(taken, dtype=np.int64)
