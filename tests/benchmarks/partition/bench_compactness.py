"""How compact the grids of a city can be at all, beside how compact they are.

    python tests/benchmarks/partition/bench_compactness.py [CITY_FOLDER …] [--cells N]

For each city the mean Polsby-Popper measure of

- the outlines of its communities, each counted as often as it has grids; and of communities that are one grid anyway;
- the polygons of the plan; of those of its grids that are one unit, and of the others;
- those polygons without the bends of inner borders that are too small to lead a border off its line; and without larger
  ones of all borders, the outlines of communities among them;
- the plan where compactness goes before lines; and the first plan with its borders drawn straight wherever no building
  stands, without regard to lines and units;
- grids made of hexagons of land, with buildings whole and no line to follow, their borders drawn straight likewise.

The last is no bound (``bench_bounds.py`` has those that are proven), but nothing that a planner would sign comes near
it: those borders follow nothing at all.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from instances import communities_of, drawn_city
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi

from gis_service.geo.compactness import polsby_popper
from gis_service.geo.coverage import GeometryArray, IndexArray, dissolve, group_sums, pieces, shared_edges
from gis_service.ingest.city import read_city
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import compressed
from gis_service.partition.engine import solve
from gis_service.partition.linework import faces_of
from gis_service.partition.propose import propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.straightening import straightened
from gis_service.partition.units import cut_units
from gis_service.plan.priorities import soft_order
from gis_service.plan.rules import UNTESTED

CELLS = 150
"""Hexagons a grid."""
FREE_M = 12.0
"""Land this near to a building, and nearer to it than to any other, goes with it [m]."""
HOUSEHOLDS = 400
"""Of a grid of middle size [count]."""
HEXAGON = 3.0 * np.sqrt(3.0) / 2.0
"""Area of a hexagon whose sides are 1."""
BEND_M, ROUGH_M = 1.5, 10.0
"""Bends are small that span less than a square of this side [m] (Visvalingam and Whyatt 1993)."""
NO_LINES: GeometryArray = np.empty(0, dtype=object)


def hexagons(polygon: shapely.Polygon, cell_m2: float) -> GeometryArray:
    """Return the faces into which hexagons of some area [m²] cut a polygon."""
    side_m = float(np.sqrt(cell_m2 / HEXAGON))
    left, bottom, right, top = polygon.bounds
    rows = np.arange(bottom - 2 * side_m, top + 3 * side_m, 1.5 * side_m)
    step_m = np.sqrt(3.0) * side_m
    columns = np.arange(left - 2 * step_m, right + 3 * step_m, step_m)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += step_m / 2
    corner = np.array([left, bottom])
    diagram = Voronoi(np.column_stack((x.ravel(), y.ravel())) - corner)
    ridges = np.array([ridge for ridge in diagram.ridge_vertices if -1 not in ridge])
    sides = np.asarray(shapely.linestrings(diagram.vertices[ridges] + corner), dtype=object)
    shapely.prepare(polygon)
    return faces_of((polygon.boundary, *sides[shapely.intersects(polygon, sides)]), polygon)


def built(community: CommunityInput, cells: GeometryArray) -> tuple[IndexArray, IndexArray]:
    """Return the piece of land each cell is part of, and the cell of each building; cells of a building are one."""
    standing = community.buildings.geometry.to_numpy()
    home = shapely.STRtree(cells).query_nearest(shapely.point_on_surface(standing), all_matches=False)[1]
    gap_m = np.full(len(standing), 2 * FREE_M)
    if len(standing) > 1:
        one, distance_m = shapely.STRtree(standing).query_nearest(
            standing, exclusive=True, return_distance=True, all_matches=False
        )
        gap_m[one[0]] = distance_m
    cores = shapely.buffer(standing, np.minimum(FREE_M, gap_m / 2))
    cell, building = shapely.STRtree(cores).query(shapely.point_on_surface(cells), predicate="within")
    ends = (np.concatenate((home, cell)), len(cells) + np.concatenate((np.arange(len(standing)), building)))
    count = len(cells) + len(standing)
    joined = connected_components(coo_array((np.ones(len(ends[0])), ends), shape=(count, count)), directed=False)[1]
    return np.unique(joined[: len(cells)], return_inverse=True)[1].astype(np.int64), home


def without_lines(community: CommunityInput, cells_per_grid: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the compactness of grids with people that follow nothing but buildings, and of those without.

    A building above the maximum counts as the maximum: it is one grid, whatever it holds, and no reason for more.
    """
    people = np.minimum(community.buildings["households"].to_numpy(np.int64), community.rules.households_max)
    grids = max(1.0, np.rint(people.sum() / HOUSEHOLDS))
    cell_m2 = community.geometry.area / grids / cells_per_grid
    cells = np.concatenate([hexagons(part, cell_m2) for part in pieces(community.geometry)])
    land, home = built(community, cells)
    count = int(land.max()) + 1
    households = np.zeros(count, np.int64)
    np.add.at(households, land[home], people)
    edges = shared_edges(cells)
    length_m = edges.sums(edges.segments.lengths_m())
    left, right = land[edges.left], land[edges.right]
    inner = left == right
    ends, row = np.unique(np.sort(np.column_stack((left, right))[~inner], axis=1), axis=0, return_inverse=True)
    border_m, none = group_sums(row, length_m[~inner], len(ends)), np.zeros(len(ends))
    perimeter_m = group_sums(land, shapely.length(cells), count) - 2 * group_sums(left[inner], length_m[inner], count)
    labels = solve(
        compressed(count, ends.astype(np.int64), border_m, none, none),
        households,
        np.full(count, -1, np.int64),
        community.rules,
        area_m2=group_sums(land, shapely.area(cells), count),
        perimeter_m=perimeter_m,
    )
    drawn = drawn_straight(community, dissolve(cells, labels[land]), labels[land[home]])
    compactness, peopled = polsby_popper(drawn), np.bincount(labels, households) > 0
    return compactness[peopled], compactness[~peopled]


def drawn_straight(community: CommunityInput, grids: GeometryArray, home: IndexArray) -> GeometryArray:
    """Return grids with their borders drawn straight between buildings, along no line; ``home``: of each building."""
    parts, owner = shapely.get_parts(grids, return_index=True)
    standing = community.buildings.geometry.to_numpy()
    part = shapely.STRtree(parts).query_nearest(shapely.point_on_surface(standing), all_matches=False)[1]
    inside = owner[part] == home
    straight = straightened(parts, standing[inside], part[inside], NO_LINES, np.full(len(parts), -1))
    return np.array([shapely.union_all(straight[owner == grid]) for grid in range(len(grids))], dtype=object)


def tested(plan: ProposedPlan) -> NDArray[np.bool_]:
    """Tell which grids of a plan have people and a size to test."""
    result: NDArray[np.bool_] = ~plan.grids["status"].isin(UNTESTED).to_numpy()
    return result


def figures_of(community: CommunityInput, cells_per_grid: int) -> dict[str, NDArray[np.float64]]:
    """Return the measure of every grid, by what is looked at."""
    units = cut_units(community)
    plan = propose(community, units)
    compact = propose(replace(community, rules=replace(community.rules, soft_order=soft_order("compactness"))), units)
    counted, grids = tested(plan), plan.grids.geometry.to_numpy()
    unit = plan.unit_buildings.set_index("building_id")["unit"].loc[community.buildings["id"]].to_numpy()
    straight = drawn_straight(community, grids, plan.labels[unit])
    one_unit = np.bincount(plan.labels, minlength=len(grids)) == 1
    own = polsby_popper(np.array([community.geometry], dtype=object))
    free, left_over = without_lines(community, cells_per_grid)
    return {
        "outline": np.repeat(own, int(counted.sum())),
        "one": polsby_popper(grids[counted]) if counted.sum() == 1 else np.empty(0),
        "plan": polsby_popper(grids[counted]),
        "one unit": polsby_popper(grids[counted & one_unit]),
        "units": polsby_popper(grids[counted & ~one_unit]),
        "smooth": polsby_popper(shapely.coverage_simplify(grids, BEND_M, simplify_boundary=False)[counted]),
        "rough": polsby_popper(shapely.coverage_simplify(grids, ROUGH_M)[counted]),
        "compact": polsby_popper(compact.grids.geometry.to_numpy()[tested(compact)]),
        "straight": polsby_popper(straight[counted]),
        "free": free,
        "left over": left_over,
    }


def main() -> None:
    """Print a row for each city."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders; the generated city comes first")
    parser.add_argument("--cells", type=int, default=CELLS, help="hexagons a grid")
    options = parser.parse_args()
    print("| city | grids | outlines | one grid alone | plan | of one unit; of more ", end="")
    print("| small bends left out; larger, outlines too ", end="")
    print("| compactness first | drawn straight | no lines at all |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, folder in [("generated", None), *((folder.name, folder) for folder in options.folders)]:
        city = drawn_city(1) if folder is None else read_city(folder)
        inhabited = [each for each in communities_of(city) if each.buildings["households"].sum() > 0]
        each = [figures_of(community, options.cells) for community in inhabited]
        joined = {key: np.concatenate([one[key] for one in each]) for key in each[0]}
        alone = f"{len(joined['one'])}: {joined['one'].mean():.3f}" if len(joined["one"]) else "none"
        means = {key: f"{values.mean():.3f}" for key, values in joined.items() if len(values)}
        free = f"{means['free']} ({len(joined['free'])}, {len(joined['left over'])} without people)"
        single = f"{len(joined['one unit'])}: {means.get('one unit', 'none')}; {means.get('units', 'none')}"
        print(
            f"| {name} | {len(joined['plan'])} | {means['outline']} | {alone} | {means['plan']} | {single} "
            f"| {means['smooth']}; {means['rough']} | {means['compact']} | {means['straight']} | {free} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
