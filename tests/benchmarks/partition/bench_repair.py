"""Repair after a shock beside a plan from nothing: households moved, grids left out of range, CPU time.

    python tests/benchmarks/partition/bench_repair.py [--harness DIR] [--seeds 10] [--only WORD]

The shock: 3 % of the units grow by half, 3 % shrink by 40 %, 1 % are emptied. A plan from nothing moves whoever is in
another grid than before, grids named alike as far as that can be. *At least* is what any repair that leaves as few
grids out of range has to move (``least_moved.py``): a lower bound, which need not be within reach.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from instances import RULES, Case, Instance, demo_cases, harness_cases
from least_moved import least_moved
from numpy.typing import NDArray
from peers import engine, refined
from scipy.optimize import linear_sum_assignment

from gis_service.partition.repair import Repair, repair


@dataclass(frozen=True)
class Outcome:
    """Counts over the communities of a case; ``moved``, ``moved_anew`` and ``at_least`` are households."""

    households: int = 0
    broken: int = 0
    left: int = 0
    left_anew: int = 0
    moved: int = 0
    moved_anew: int = 0
    at_least: int = 0
    unstable: int = 0
    cpu_s: float = 0.0

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both together."""
        return Outcome(*(a + b for a, b in zip(self.__dict__.values(), other.__dict__.values(), strict=True)))


def shaken(case: Case, seed: int) -> tuple[Instance, ...]:
    """Return the communities of a case with the households of some years later."""
    households = np.concatenate([each.households for each in case.communities])
    order, n = np.random.default_rng(seed).permutation(len(households)), len(households)
    changed = households.astype(float)
    few, fewer = int(0.03 * n), int(0.01 * n)
    changed[order[:few]] *= 1.5
    changed[order[few : 2 * few]] *= 0.6
    changed[order[2 * few : 2 * few + fewer]] = 0.0
    ends = np.cumsum([len(each.households) for each in case.communities])[:-1]
    later = np.split(np.rint(changed).astype(np.int64), ends)
    return tuple(replace(each, households=new) for each, new in zip(case.communities, later, strict=True))


def repaired(instance: Instance, old: NDArray[np.int64]) -> Repair:
    """Return the repair of a plan."""
    return repair(
        instance.graph,
        instance.households,
        np.full(len(old), -1, np.int64),
        RULES,
        area_m2=instance.area_m2,
        perimeter_m=instance.perimeter_m,
        old=old,
    )


def outcome(instance: Instance, old: NDArray[np.int64]) -> Outcome:
    """Return what a repair does to a community, and what a plan from nothing would."""
    begin = time.process_time()
    found = repaired(instance, old)
    cpu_s = time.process_time() - begin
    anew = refined(instance, 1, 1)
    return Outcome(
        households=int(instance.households.sum()),
        broken=_broken(instance, old),
        left=_broken(instance, found.labels),
        left_anew=_broken(instance, anew),
        moved=found.moved_households,
        moved_anew=_moved(instance, old, anew),
        at_least=least_moved(instance, old, _broken(instance, found.labels), found.moved_households),
        unstable=int(repaired(instance, found.labels).moved_households > 0),
        cpu_s=cpu_s,
    )


def _broken(instance: Instance, labels: NDArray[np.int64]) -> int:
    households = np.bincount(np.unique(labels, return_inverse=True)[1], instance.households)
    small, large = households < RULES.households_min, households > RULES.households_max
    # A grid that everybody has left has no size to test: a repair leaves it to the planner, and so does the judgement.
    return int(((small & (households > 0)) | large).sum())


def _moved(instance: Instance, old: NDArray[np.int64], new: NDArray[np.int64]) -> int:
    shared = np.zeros((int(old.max()) + 1, int(new.max()) + 1), np.int64)
    np.add.at(shared, (old, new), instance.households)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    return int(instance.households.sum() - shared[rows, columns].sum())


def spread_line(name: str, outcomes: list[Outcome]) -> str:
    """Return a row of the table over all shocks of a case: sums, and the share moved by the least, mean and most."""
    total = sum(outcomes, start=Outcome())
    shares = sorted(each.moved / each.households for each in outcomes)
    return (
        f"| {name} | all {len(outcomes)} | {total.broken} | {total.left} | {total.left_anew} "
        f"| {shares[0]:.2%}–{shares[-1]:.2%}, mean {sum(shares) / len(shares):.2%} "
        f"| {total.at_least / total.households:.2%} | {total.moved_anew / total.households:.1%} | | {total.unstable} |"
    )


def main() -> None:
    """Run all cases and print a row for each seed of the shock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--harness", type=Path, help="folder of sg_west.npz and sg_west_city.npz")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="cases whose name holds this word")
    options = parser.parse_args()
    cases = [*harness_cases(options.harness)] if options.harness else [*demo_cases(1)]
    print("| case | shock | broken | left | left anew | moved | at least | moved anew | CPU ms a unit | again moves |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for case in cases:
        if options.only not in case.name:
            continue
        start, outcomes = [engine(each, 1, 1) for each in case.communities], []
        for seed in range(1, options.seeds + 1):
            total = Outcome()
            for instance, old in zip(shaken(case, seed), start, strict=True):
                total += outcome(instance, old)
            print(
                f"| {case.name} | {seed} | {total.broken} | {total.left} | {total.left_anew} "
                f"| {total.moved / total.households:.2%} | {total.at_least / total.households:.2%} "
                f"| {total.moved_anew / total.households:.1%} "
                f"| {1000 * total.cpu_s / case.units:.2f} | {total.unstable} |",
                flush=True,
            )
            outcomes.append(total)
        print(spread_line(case.name, outcomes), flush=True)


if __name__ == "__main__":
    main()
