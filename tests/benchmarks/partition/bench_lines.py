"""What lines to follow are worth: borders along them and shape, at their usual price and at none.

    python tests/benchmarks/partition/bench_lines.py [CITY_FOLDER …] [--seeds 2]

The generated city goes first. For each city: share of the inner border, as drawn, that runs along lines, of all and of
what is not forced off them (``partition/following.py``); mean Polsby-Popper of the grids with a size test; share of
these in range; sums over the seeds.
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


def line_of(name: str, city: CityFrames, seeds: int) -> str:
    """Return a row of the table."""
    usual, none = np.zeros(6), np.zeros(6)
    for community in communities_of(city):
        if community.buildings["households"].sum() == 0:
            continue
        units = cut_units(community)
        for seed in range(1, seeds + 1):
            usual += worth(community, units, seed)
            with patch.multiple(part_problems, FOLLOW_PRICE=0.0, OFF_LINE_PRICE=0.0):
                none += worth(community, units, seed)
    return f"| {name} | {_told(usual)} | {_told(none)} |"


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
    """Print a row for each city."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders")
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    print(
        "| city | along lines: of all, of what is not forced off | mean PP | in range | at no price | PP | in range |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, city in cities(options.folders):
        print(line_of(name, city, options.seeds), flush=True)


if __name__ == "__main__":
    main()
