"""How compact grids can be on the units there are: proven, part by part, beside what the plan has.

    python tests/benchmarks/partition/bench_bounds.py [CITY_FOLDER …] [--looks N] [--generated]

Among all divisions of the units of a part into connected sets with as many out of range as the plan has, that with the
greatest mean Polsby-Popper measure: no regard to lines, balance or barriers. A grid that exceeds the maximum by the
minimum or more (each unit counted as the maximum at most) is no grid. Two answers:

- *within the rules*: estates stay whole, remote land stays apart, land without people belongs to a grid;
- *without them*: communities are divided unit by unit, across barriers and bridges, and land without people may be
  left out of all grids.

The mean is over the grids with people of all parts that are solved, and the plan's over the same parts; parts with more
connected sets than are looked at, or more than 128 units, are left out and counted: nothing is known of them.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from instances import communities_of, drawn_city
from most_compact import Part, greatest_mean, measures, out_of_range
from numpy.typing import NDArray

from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.groundwork import Groundwork, groundwork_of
from gis_service.partition.part_problems import part_problem
from gis_service.partition.propose import propose
from gis_service.partition.refinement import parts, problem_of_part
from gis_service.partition.units import cut_units
from gis_service.plan.rules import Rules

LOOKS = 3_000_000
"""Connected sets looked at for each part, at most."""


def divided(city: CityFrames) -> tuple[list[Part], list[Part]]:
    """Return the parts of a city within the rules, and its communities without them."""
    within, beyond = [], []
    for community in communities_of(city):
        cut = cut_units(community)
        ground, plan = groundwork_of(community, cut), propose(community, cut)
        within.extend(_within(ground, plan.labels, community.rules))
        if (free := _beyond(ground, plan.labels, community.rules)) is not None:
            beyond.append(free)
    return within, beyond


def _within(ground: Groundwork, grid: NDArray[np.int64], rules: Rules) -> Iterator[Part]:
    bundles = ground.bundles
    for here in parts(bundles, rules, np.where(ground.special >= 0, ground.special, -1)):
        if bundles.households[here].sum() > 0:
            yield _part(problem_of_part(bundles, here, rules), grid[bundles.first[here]], land_apart=False)


def _beyond(ground: Groundwork, grid: NDArray[np.int64], rules: Rules) -> Part | None:
    units = ground.units
    free = np.flatnonzero(units["special"].isna()).astype(np.int64)
    households, polygons = units["households"].to_numpy(np.int64), units.geometry.to_numpy()
    if households[free].sum() == 0:
        return None
    problem = part_problem(
        ground.graph,
        free,
        households,
        units["residents"].fillna(-1).to_numpy(np.int64),
        rules,
        area_m2=shapely.area(polygons),
        perimeter_m=shapely.length(polygons),
    )
    return _part(problem, grid[free], land_apart=True)


def _part(problem: Problem, grid: NDArray[np.int64], *, land_apart: bool) -> Part:
    sets = grid == np.unique(grid)[:, None]
    known = sets[sets @ problem.weight[:, HOUSEHOLDS] > 0]
    return Part(problem, known, int(out_of_range(problem, known).sum()), land_apart)


def told(divided_parts: list[Part], looks: int) -> str:
    """Return the cells of the table for one answer: plan, best, and of how many grids that is."""
    best = greatest_mean(divided_parts, looks)
    solved = [(part, sets) for part, sets in zip(divided_parts, best, strict=True) if sets is not None]
    grids = sum(len(part.known) for part in divided_parts)
    if not solved:
        return f"– | – | 0 of {grids}"
    known = np.concatenate([measures(part.problem, part.known) for part, _ in solved])
    found = np.concatenate([measures(part.problem, sets) for part, sets in solved])
    return f"{known.mean():.3f} | {found.mean():.3f} ({len(found)}) | {len(known)} of {grids}"


def main() -> None:
    """Print a row for each city."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders")
    parser.add_argument("--looks", type=int, default=LOOKS, help="connected sets looked at for each part")
    parser.add_argument("--generated", action="store_true", help="the generated city goes first")
    options = parser.parse_args()
    print("| city | within the rules: plan | best (grids) | grids solved | without them: plan | best | grids solved |")
    print("|---|---|---|---|---|---|---|")
    cities = [("generated", None)] if options.generated else []
    for name, folder in [*cities, *((folder.name, folder) for folder in options.folders)]:
        within, beyond = divided(drawn_city(1) if folder is None else read_city(folder))
        print(f"| {name} | {told(within, options.looks)} ", end="", flush=True)
        print(f"| {told(beyond, options.looks)} |", flush=True)


if __name__ == "__main__":
    main()
