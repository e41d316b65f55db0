"""Communities of square units, and the smallest possible number of grids out of range by trying everything."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import UnitGraph, unit_graph
from gis_service.partition.contraction import Bundles
from gis_service.partition.engine import solve
from gis_service.plan.arithmetic import total_residents
from gis_service.plan.rules import UNTESTED, judge

CRS = "EPSG:4549"
SIDE_M = 100.0


def squares(cells):
    """Return unit squares at (column, row); row 0 is the northernmost."""
    return np.array(
        [shapely.box(c * SIDE_M, -(r + 1) * SIDE_M, (c + 1) * SIDE_M, -r * SIDE_M) for c, r in cells], dtype=object
    )


def lattice(columns, rows):
    return [(c, r) for r in range(rows) for c in range(columns)]


def barriers(*lines, kind="river"):
    return gpd.GeoDataFrame(
        {"kind": np.array([kind] * len(lines), dtype=object), "name": np.array([None] * len(lines), dtype=object)},
        geometry=[shapely.LineString(line) for line in lines],
        crs=CRS,
    )


def units_frame(cells, households, residents=None, special=None, estate_id=None):
    n = len(cells)
    people = pd.array([pd.NA] * n if residents is None else residents, dtype="Int64")
    return gpd.GeoDataFrame(
        {
            "unit": np.arange(n),
            "code": [f"u{i + 1:04d}" for i in range(n)],
            "kind": np.array(["cell"] * n, dtype=object),
            "special": np.array([None] * n if special is None else special, dtype=object),
            "estate_id": np.array([None] * n if estate_id is None else estate_id, dtype=object),
            "households": np.asarray(households, dtype=np.int64),
            "residents": people,
        },
        geometry=squares(cells),
        crs=CRS,
    )


def graph_of(cells, *lines, kind="river") -> UnitGraph:
    return unit_graph(units_frame(cells, [0] * len(cells)), barriers(*lines, kind=kind))


def bundles_of(cells, households, *lines, kind="river", residents=None) -> Bundles:
    """Return square units as the engine sees them: each its own bundle, residents unknown unless they are given."""
    each = np.arange(len(cells))
    return Bundles(
        of_unit=each,
        first=each,
        graph=graph_of(cells, *lines, kind=kind),
        households=np.asarray(households, dtype=np.int64),
        residents=np.full(len(cells), -1) if residents is None else np.asarray(residents, dtype=np.int64),
        area_m2=np.full(len(cells), SIDE_M**2),
        perimeter_m=np.full(len(cells), 4 * SIDE_M),
    )


def solve_cells(cells, households, rules, *, residents=None, locked=None, seed=1, lines=(), kind="river"):
    people = np.full(len(cells), -1) if residents is None else np.asarray(residents)
    return solve(
        graph_of(cells, *lines, kind=kind),
        np.asarray(households, dtype=np.int64),
        people.astype(np.int64),
        rules,
        area_m2=np.full(len(cells), SIDE_M**2),
        perimeter_m=np.full(len(cells), 4 * SIDE_M),
        locked=None if locked is None else np.asarray(locked, dtype=np.int64),
        seed=seed,
    )


def pieces_per_label(graph, labels):
    """Return label → number of connected pieces, bridges included."""
    left = np.repeat(np.arange(len(labels)), np.diff(graph.start))
    same = labels[left] == labels[graph.neighbour]
    n = len(labels)
    piece = connected_components(
        coo_array((np.ones(int(same.sum())), (left[same], graph.neighbour[same])), shape=(n, n)), directed=False
    )[1]
    return {int(label): len(np.unique(piece[labels == label])) for label in np.unique(labels)}


def count_misses(labels, households, residents, rules):
    """Return how many grids fail the size test; residents are negative where unknown, None: all are."""
    missed = 0
    for label in np.unique(labels):
        here = labels == label
        people = None if residents is None else total_residents(np.asarray(residents)[here])
        status = judge(int(np.asarray(households)[here].sum()), people, "base", rules).status
        missed += status != "normal" and status not in UNTESTED
    return missed


def fewest_misses(graph, households, residents, rules):
    """Return the smallest number of grids out of range over all partitions into connected grids."""
    n = len(households)
    missed = {}
    for chosen in range(1, 1 << n):
        members = np.array([u for u in range(n) if chosen >> u & 1])
        if is_connected(graph, members):
            people = None if residents is None else residents[members]
            missed[chosen] = count_misses(np.zeros(len(members)), households[members], people, rules)

    @cache
    def fewest(left):
        if left == 0:
            return 0
        lowest = left & -left
        ways = (some | lowest for some in _subsets(left ^ lowest) if some | lowest in missed)
        return min(missed[chosen] + fewest(left ^ chosen) for chosen in ways)

    return fewest((1 << n) - 1)


def is_connected(graph, members):
    reached, border, inside = {members[0]}, [members[0]], set(members)
    while border:
        u = border.pop()
        more = inside.intersection(graph.neighbour[graph.start[u] : graph.start[u + 1]].tolist()) - reached
        reached |= more
        border.extend(more)
    return len(reached) == len(members)


def _subsets(mask):
    some = mask
    while some:
        yield some
        some = (some - 1) & mask
    yield 0
