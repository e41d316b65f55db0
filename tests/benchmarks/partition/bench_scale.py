"""Wall-clock of plans on several processes: units cut, plans made, polygons drawn, audited, as the product does it.

    python tests/benchmarks/partition/bench_scale.py CITY_FOLDER … [--workers 2]

Each city's communities are planned at three sizes: a third of them, two thirds and all, taken evenly over their codes.
Time begins with the first community handed to a process and ends with the last plan received: the start of the
processes counts, reading the files and storing the plans do not. A million households are counted at the rate of each
size: by wall-clock, which others on the machine lengthen, and by CPU time shared among as many idle cores as there are
processes. The generated city of small houses needs more for a household: units a second tell why.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import os
import resource
import time
from pathlib import Path

from instances import communities_of, drawn_city

from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition.community import CommunityInput
from gis_service.workflows.community_tasks import Task, community_seed, solve
from gis_service.workflows.workers import run_tasks

THIRDS = 3
HEAD = """\
| city | communities | households | units | grids | wall s | CPU s | units a CPU second | a million households, wall s \
| on idle cores, s |
|---|---|---|---|---|---|---|---|---|---|"""


def inhabited(city: CityFrames) -> list[CommunityInput]:
    """Return the communities of a city where somebody lives."""
    return [community for community in communities_of(city) if community.buildings["households"].sum() > 0]


def line_of(name: str, communities: list[CommunityInput], workers: int) -> str:
    """Return a row of the table."""
    tasks = [Task(community, None, community_seed(1, community.code)) for community in communities]
    cpu_s, begin = _cpu_s(), time.perf_counter()
    solved = list(run_tasks(solve, iter(tasks), workers=workers, scheduler=None))
    wall_s = time.perf_counter() - begin
    cpu_s = _cpu_s() - cpu_s
    left = sum(each.left is not None for each in solved)
    households = sum(int(community.buildings["households"].sum()) for community in communities)
    units = sum(len(each.proposals[0].units) for each in solved if each.left is None)
    grids = sum(len(each.proposals[0].grids) for each in solved if each.left is None)
    told = f", {left} without a plan" if left else ""
    return (
        f"| {name} | {len(communities)}{told} | {households:,} | {units:,} | {grids:,} | {wall_s:.1f} | {cpu_s:.1f} "
        f"| {units / cpu_s:.0f} | {wall_s / households * 1e6:.0f} | {cpu_s / workers / households * 1e6:.0f} |"
    )


def _cpu_s() -> float:
    """Return the CPU time of this process and of those it has started and ended."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def main() -> None:
    """Run all cities at three sizes and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders; the generated city is always there")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    warm = drawn_city(1)
    solve(Task(inhabited(warm)[0], None, 1))
    cities = [*((folder.name, read_city(folder)) for folder in options.folders), ("generated, small houses", warm)]
    print(
        f"{options.workers} processes on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n\n{HEAD}"
    )
    for name, city in cities:
        communities = inhabited(city)
        for size in range(1, THIRDS + 1):
            chosen = [community for number, community in enumerate(communities) if number % THIRDS < size]
            print(line_of(name, chosen, options.workers), flush=True)


if __name__ == "__main__":
    main()
