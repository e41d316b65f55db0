"""What lines to follow are worth: borders along them against shape, as lines weigh nothing, less, as usual, or more.

    python tests/benchmarks/partition/bench_lines.py [CITY_FOLDER …] [--seeds 2] [--weights 0 0.5 1 2]

The generated city goes first. For each city and weight, of which 1 is the usual price of lines: share of the inner
border, as drawn, that runs along lines, of all and of what is not forced off them (``partition/following.py``); mean
Polsby-Popper of the grids with a size test; share of these in range; sums over the seeds.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
from instances import communities_of, drawn_city
from numpy.typing import NDArray

from gis_service.geo.compactness import polsby_popper
from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition import part_problems
from gis_service.partition.community import CommunityInput
from gis_service.partition.following import following
from gis_service.partition.groundwork import UnitFrames
from gis_service.partition.part_problems import FOLLOW_PRICE, OFF_LINE_PRICE
from gis_service.partition.propose import propose
from gis_service.partition.units import cut_units
from gis_service.plan.rules import UNTESTED


def worth(community: CommunityInput, units: UnitFrames, seed: int) -> NDArray[np.float64]:
    """Return grids, those in range, their Polsby-Popper sum, and metres of border: all, along lines, forced off."""
    plan = propose(community, units, seed=seed)
    tested = ~plan.grids["status"].isin(UNTESTED).to_numpy()
    borders = following(plan.grids[plan.grids["kind"] == "base"], community)
    shape = float(polsby_popper(plan.grids.geometry.to_numpy()[tested]).sum())
    in_range = int((plan.grids["status"] == "normal").sum())
    return np.array([tested.sum(), in_range, shape, borders.inner_m, borders.on_lines_m, borders.forced_m])


def rows_of(name: str, city: CityFrames, seeds: int, weights: list[float]) -> Iterator[str]:
    """Yield the rows of a city in the table, one a weight."""
    inhabited = [each for each in communities_of(city) if each.buildings["households"].sum() > 0]
    cut = [(community, cut_units(community)) for community in inhabited]
    for weight in weights:
        prices = {"FOLLOW_PRICE": weight * FOLLOW_PRICE, "OFF_LINE_PRICE": weight * OFF_LINE_PRICE}
        sums = np.zeros(6)
        with patch.multiple(part_problems, **prices):
            for community, units in cut:
                for seed in range(1, seeds + 1):
                    sums += worth(community, units, seed)
        yield f"| {name} | {weight:g} | {_told(sums)} |"


def _told(sums: NDArray[np.float64]) -> str:
    grids, in_range, shape, inner_m, on_lines_m, forced_m = sums
    return (
        f"{on_lines_m / inner_m:.0%}, {on_lines_m / (inner_m - forced_m):.0%} | {shape / grids:.3f} "
        f"| {in_range / grids:.1%}"
    )


def cities(folders: list[Path]) -> Iterator[tuple[str, CityFrames]]:
    """Yield the cities to be measured with their names."""
    yield "generated", drawn_city(1)
    for folder in folders:
        yield folder.name, read_city(folder)


def main() -> None:
    """Print a row for each city and weight."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, 0.5, 1.0, 2.0], help="of lines; usual: 1")
    options = parser.parse_args()
    print("| city | weight of lines | along lines: of all, of what is not forced off | mean PP | in range |")
    print("|---|---|---|---|---|")
    for name, city in cities(options.folders):
        for row in rows_of(name, city, options.seeds, options.weights):
            print(row, flush=True)


if __name__ == "__main__":
    main()
