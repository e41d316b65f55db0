"""Estates that fit into one grid, contracted: the engine sees each as one unit, so that it stays whole."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.coverage import FloatArray, IndexArray, group_sums
from gis_service.partition.contiguity import UnitGraph, compressed
from gis_service.partition.numbering import by_first_member
from gis_service.plan.arithmetic import total_residents
from gis_service.plan.rules import Rules, judge


@dataclass(frozen=True)
class Bundles:
    """Units that go to one grid together, as the engine sees them.

    Parameters
    ----------
    of_unit
        Bundle of every unit; bundles are numbered by their first unit.
    first
        First unit of every bundle.
    graph
        Neighbourhood of the bundles.
    households, residents
        Counts of each bundle; residents are negative where those of a unit are unknown.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of each bundle.
    """

    of_unit: IndexArray
    first: IndexArray
    graph: UnitGraph
    households: IndexArray
    residents: IndexArray
    area_m2: FloatArray
    perimeter_m: FloatArray


def bundle_estates(
    units: gpd.GeoDataFrame, graph: UnitGraph, rules: Rules, apart: NDArray[np.bool_] | None = None
) -> Bundles:
    """Return the units with every estate that is not too large for one grid as one, as far as its land hangs together.

    Parameters
    ----------
    units, graph
        The units frame of a community and its neighbourhood.
    rules
        The size rule.
    apart
        True for units that stay by themselves, whatever estate they are of; None: none.

    Returns
    -------
    Bundles
        Units of special grids, of larger estates and of none are bundles of their own.
    """
    alone = np.zeros(len(units), dtype=bool) if apart is None else apart
    of_unit = _bundle_of_units(units, graph, whole_estates(units, rules), alone)
    count = int(of_unit.max(initial=-1)) + 1
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    inner = of_unit[left] == of_unit[graph.neighbour]
    polygons = units.geometry.to_numpy()
    inner_m = group_sums(of_unit[left[inner]], graph.length_m[inner], count)
    residents = units["residents"]
    people = np.bincount(of_unit, residents.fillna(0).to_numpy(np.float64), minlength=count).astype(np.int64)
    people[of_unit[residents.isna()]] = -1
    return Bundles(
        of_unit=of_unit,
        first=np.unique(of_unit, return_index=True)[1].astype(np.int64),
        graph=_contracted(graph, of_unit, left, count),
        households=np.bincount(of_unit, units["households"], minlength=count).astype(np.int64),
        residents=people,
        area_m2=group_sums(of_unit, shapely.area(polygons), count),
        perimeter_m=group_sums(of_unit, shapely.length(polygons), count) - inner_m,
    )


def whole_estates(units: gpd.GeoDataFrame, rules: Rules) -> list[str]:
    """Return the ids of the estates that are not too large for one grid, sorted."""
    whole = []
    for estate, here in units[units["special"].isna()].groupby("estate_id"):
        residents = total_residents(here["residents"].fillna(-1).to_numpy(np.int64))
        if judge(int(here["households"].sum()), residents, "base", rules).status != "large":
            whole.append(str(estate))
    return whole


def _bundle_of_units(
    units: gpd.GeoDataFrame, graph: UnitGraph, whole: list[str], alone: NDArray[np.bool_]
) -> IndexArray:
    estate = units["estate_id"].where(units["estate_id"].isin(whole) & units["special"].isna() & ~alone)
    number = estate.astype("category").cat.codes.to_numpy()
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    joined = (number[left] >= 0) & (number[left] == number[graph.neighbour]) & ~graph.bridge
    pairs = (left[joined], graph.neighbour[joined])
    adjacency = coo_array((np.ones(len(pairs[0])), pairs), shape=(len(units), len(units)))
    return by_first_member(connected_components(adjacency, directed=False)[1])


def _contracted(graph: UnitGraph, of_unit: IndexArray, left: IndexArray, count: int) -> UnitGraph:
    """Return the neighbourhood of the bundles; borders between two of them are one edge."""
    a, b = of_unit[left], of_unit[graph.neighbour]
    outer = a < b
    ends, edge = np.unique(np.column_stack((a, b))[outer], axis=0, return_inverse=True)
    metres = (graph.length_m, graph.barrier_m, graph.follow_m)
    return compressed(count, ends, *(group_sums(edge, values[outer], len(ends)) for values in metres))
