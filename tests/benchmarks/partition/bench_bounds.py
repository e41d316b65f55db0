"""How compact grids can be: proven, on the units there are and whatever the units are, beside what the plan has.

    python tests/benchmarks/partition/bench_bounds.py [CITY_FOLDER …] [--looks N] [--generated]

*On the units*: among all divisions of the units of a part into connected sets with as many out of range as the plan
has, that with the greatest mean Polsby-Popper measure: no regard to lines, balance or barriers. A grid that exceeds the
maximum by the minimum or more (each unit counted as the maximum at most) is no grid. Two answers:

- *within the rules*: estates stay whole, remote land stays apart, land without people belongs to a grid;
- *without them*: communities are divided unit by unit, across barriers and bridges, and land without people may be
  left out of all grids.

The mean is over the grids with people of all parts that are solved, and the plan's over the same parts; parts with more
connected sets than are looked at, or more than 128 units, are left out and counted: nothing is known of them.

*Whatever the units are*: communities in one piece without holes, all of whose land is in one grid or two. One grid is
as compact as its community. Two cannot have a greater mean than ``two_grids.bound_of_two`` tells, both in range where
the plan's are. Nothing is proven so of communities of more grids. ``--looks 0`` leaves the units out.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from instances import communities_of, drawn_city
from most_compact import Part, greatest_mean, measures, out_of_range
from numpy.typing import NDArray
from two_grids import People, bound_of_two

from gis_service.geo.compactness import polsby_popper
from gis_service.geo.coverage import pieces
from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition.community import CommunityInput
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.groundwork import Groundwork, groundwork_of
from gis_service.partition.part_problems import part_problem
from gis_service.partition.propose import propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.refinement import parts, problem_of_part
from gis_service.partition.units import cut_units
from gis_service.plan.rules import UNTESTED, Rules

LOOKS = 3_000_000
"""Connected sets looked at for each part, at most."""
_TWO = 2


@dataclass(frozen=True)
class City:
    """What is looked at in a city.

    Parameters
    ----------
    within, beyond
        Its parts within the rules, and its communities without them.
    alone
        Of communities that one or two grids share: the mean measure of the plan's grids, its bound, and their count.
    """

    within: list[Part]
    beyond: list[Part]
    alone: list[tuple[float, float, int]]


def divided(city: CityFrames) -> City:
    """Return what there is to look at in a city."""
    result = City([], [], [])
    for community in communities_of(city):
        cut = cut_units(community)
        ground, plan = groundwork_of(community, cut), propose(community, cut)
        result.within.extend(_within(ground, plan.labels, community.rules))
        if (free := _beyond(ground, plan.labels, community.rules)) is not None:
            result.beyond.append(free)
        if (bounded := by_outline(community, plan)) is not None:
            result.alone.append(bounded)
    return result


def by_outline(community: CommunityInput, plan: ProposedPlan) -> tuple[float, float, int] | None:
    """Return mean measure, its bound and the number of grids of a community; None where nothing is proven."""
    land, grids = pieces(community.geometry), plan.grids
    if len(grids) not in (1, _TWO) or len(land) > 1 or len(land[0].interiors) or grids["status"].isin(UNTESTED).any():
        return None
    mean = float(polsby_popper(grids.geometry.to_numpy()).mean())
    if len(grids) == 1:
        return mean, float(polsby_popper(land)[0]), 1
    lived_in = community.buildings[community.buildings["households"] > 0]
    households = lived_in["households"].to_numpy(np.int64)
    least, most = community.rules.households_min, community.rules.households_max
    if not grids["households"].between(least, most).all():
        least, most = 1, int(households.sum())
    places = shapely.get_coordinates(shapely.point_on_surface(lived_in.geometry.to_numpy()))
    return mean, bound_of_two(land[0], People(places, households, least, most)), _TWO


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
    best = greatest_mean(divided_parts, looks) if looks > 0 else [None] * len(divided_parts)
    solved = [(part, sets) for part, sets in zip(divided_parts, best, strict=True) if sets is not None]
    grids = sum(len(part.known) for part in divided_parts)
    if not solved:
        return f"– | – | 0 of {grids}"
    known = np.concatenate([measures(part.problem, part.known) for part, _ in solved])
    found = np.concatenate([measures(part.problem, sets) for part, sets in solved])
    return f"{known.mean():.3f} | {found.mean():.3f} ({len(found)}) | {len(known)} of {grids}"


def told_alone(alone: list[tuple[float, float, int]]) -> str:
    """Return the cells of the table for what is proven whatever the units are."""
    cells = []
    for count in (1, _TWO):
        means, bounds = np.array([each[:2] for each in alone if each[2] == count]).reshape(-1, 2).T
        grids = count * len(means)
        cells.append(f"{grids}: {means.mean():.3f}, {bounds.mean():.3f}" if grids else "none")
    return " | ".join(cells)


def main() -> None:
    """Print a row for each city."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders")
    parser.add_argument("--looks", type=int, default=LOOKS, help="connected sets looked at for each part")
    parser.add_argument("--generated", action="store_true", help="the generated city goes first")
    options = parser.parse_args()
    print(
        "| city | within the rules: plan | best (grids) | grids solved | without them: plan | best | grids solved ",
        end="",
    )
    print("| communities of one grid: grids, plan, bound | of two: grids, plan, bound |")
    print("|---|---|---|---|---|---|---|---|---|")
    cities = [("generated", None)] if options.generated else []
    for name, folder in [*cities, *((folder.name, folder) for folder in options.folders)]:
        looked_at = divided(drawn_city(1) if folder is None else read_city(folder))
        print(f"| {name} | {told(looked_at.within, options.looks)} ", end="", flush=True)
        print(f"| {told(looked_at.beyond, options.looks)} | {told_alone(looked_at.alone)} |", flush=True)


if __name__ == "__main__":
    main()
