"""The engine's plan made better where that can be decided exactly, with what is proven about the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.contraction import Bundles
from gis_service.partition.energy import Problem
from gis_service.partition.exact import solve_exactly
from gis_service.partition.misses import assessed, credit, giants
from gis_service.partition.numbering import after_given, numbered
from gis_service.partition.part_problems import part_problem
from gis_service.partition.parts import parts_of
from gis_service.partition.relaxation import least_misses
from gis_service.partition.windows import mend_exactly
from gis_service.plan.arithmetic import may_fit, most_grids, totals_of
from gis_service.plan.rules import Rules

Witness = Literal["none", "total", "giants", "indivisible"]


@dataclass(frozen=True)
class PartBound:
    """What is proven about one connected part of a community.

    Parameters
    ----------
    units
        Its units, ascending.
    grids, missed
        Grids it is cut into, and its misses: the grids out of range, one far above the maximum counted as several
        (``misses.misses_of``).
    forced
        It has so many misses at least, however it is cut.
    witness
        Why: ``total`` fits no number of grids; ``giants``: units are above the maximum by themselves; ``indivisible``:
        units cannot be grouped otherwise, by exhaustion; ``none``: ``forced`` is 0.
    energy
        What the grids cost together.
    least_energy
        No division with as few misses costs less; minus infinity where nothing is proven.
    heuristic_energy
        What the engine's own division costs; infinite where that had more misses.
    proven
        True: the division is optimal. A part whose people fill one grid at most is one grid without a search, even
        where two, one of them in range, would have as few misses.
    found
        Fewest misses of any division that was found; fewer than ``missed`` only where grids that exist
        were kept.
    """

    units: NDArray[np.int64]
    grids: int
    missed: int
    forced: int
    witness: Witness
    energy: float
    least_energy: float
    heuristic_energy: float
    proven: bool
    found: int


@dataclass(frozen=True)
class Refined:
    """A refined assignment.

    Parameters
    ----------
    labels
        Grid of each unit; given grids keep theirs, the others are numbered after these by their first unit.
    bounds
        What is proven about each part.
    """

    labels: NDArray[np.int64]
    bounds: tuple[PartBound, ...]


def refine(bundles: Bundles, rules: Rules, *, labels: NDArray[np.int64], locked: NDArray[np.int64]) -> Refined:
    """Return an assignment that is never worse: fewer grids out of range, or as many and better ones.

    Parts with few enough units are solved to the optimum; in others the surroundings of each grid out of range are.

    Parameters
    ----------
    bundles
        The units of a community; those that belong together are one.
    rules
        The size rule and the order of the soft rules.
    labels
        What :func:`gis_service.partition.engine.solve` returned for them.
    locked
        Label of the given grid of each unit, negative where free.
    """
    refined, bounds = labels.copy(), []
    for units in parts(bundles, rules, locked):
        problem = problem_of_part(bundles, units, rules)
        totals = totals_of(bundles.households[units], bundles.residents[units])
        fits = may_fit(totals, rules)
        if most_grids(totals, rules) == 1:
            new = np.zeros(len(units), np.int64)
            bound = _whole(problem, units, new, fits=fits)
        else:
            new, bound = _refine_part(problem, units, numbered(labels[units]), fits=fits)
        refined[units] = int(refined.max()) + 1 + new
        bounds.append(bound)
    return Refined(after_given(refined, locked), tuple(bounds))


def parts(bundles: Bundles, rules: Rules, locked: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the units of each part of a community that is divided by itself, in the order of the bounds."""
    part = parts_of(bundles.graph, bundles.households, bundles.residents, rules, locked)
    for number in range(int(part.max(initial=-1)) + 1):
        yield np.flatnonzero(part == number).astype(np.int64)


def problem_of_part(bundles: Bundles, units: NDArray[np.int64], rules: Rules, *, emphasis: float = 1.0) -> Problem:
    """Return the problem of some units of a community, see ``part_problems.part_problem``."""
    return part_problem(
        bundles.graph,
        units,
        bundles.households,
        bundles.residents,
        rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        emphasis=emphasis,
    )


def share_in_range(bounds: tuple[PartBound, ...]) -> float:
    """Return the share of the grids not forced out of range that are in range; nan where all are forced."""
    possible = sum(bound.grids - bound.forced for bound in bounds)
    return (possible - sum(bound.missed - bound.forced for bound in bounds)) / possible if possible > 0 else np.nan


def _whole(problem: Problem, units: NDArray[np.int64], labels: NDArray[np.int64], *, fits: bool) -> PartBound:
    """Return the bound of a part that fills one grid at most."""
    missed, energy = assessed(problem, labels, credit(problem))
    witness: Witness = "none" if fits else "total"
    grids, forced = int(labels.max()) + 1, int(not fits)
    return PartBound(units, grids, missed, forced, witness, energy, energy, energy, proven=True, found=missed)


def _refine_part(
    problem: Problem, units: NDArray[np.int64], labels: NDArray[np.int64], *, fits: bool
) -> tuple[NDArray[np.int64], PartBound]:
    per_grid = credit(problem)
    before, heuristic_energy = assessed(problem, labels, per_grid)
    found = solve_exactly(problem, labels)
    new = found.labels if found.proven else mend_exactly(problem, found.labels)
    missed, energy = assessed(problem, new, per_grid)
    large = int(giants(problem).sum())
    told = max(large, int(not fits))
    forced = max(found.least_missed, told)
    if missed > forced:
        forced = max(forced, least_misses(problem))
    witness: Witness = "none"
    if forced > 0:
        witness = "indivisible" if forced > told else "giants" if large > 0 else "total"
    return new, PartBound(
        units=units,
        grids=int(new.max()) + 1,
        missed=missed,
        forced=forced,
        witness=witness,
        energy=energy,
        least_energy=found.least_energy,
        heuristic_energy=heuristic_energy if before == missed else np.inf,
        proven=found.proven,
        found=missed,
    )
