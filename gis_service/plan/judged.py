"""What is wrong with a draft, what of it was wrong before, and whether the draft may be submitted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gis_service.plan.cures import Cure
from gis_service.plan.findings import Finding

State = Literal["incomplete", "complete"]

SAME = 1e-6
"""Extents that differ by no more are alike: sums of metres depend on their order [inclusive]."""


@dataclass(frozen=True)
class Judged:
    """One thing that is wrong with a draft.

    Parameters
    ----------
    finding
        What, for people. Its subject is the code of the unit, the id of the estate or the title of the grid.
    about
        What it is about, the same from one state of a draft to the next: kind, and grid key or estate or unit.
    extent
        How bad it is, in a measure of its kind: counts beyond the range, pieces too many, metres, grids too many.
    grids
        Keys of the grids concerned.
    units
        Codes of the units where it shows, for the map to go there.
    cure
        What would help; None: nothing the desk knows.
    explained
        True for a soft rule where a grid concerned carries a note: the planner has said why.
    """

    finding: Finding
    about: tuple[str, str]
    extent: float
    grids: tuple[int, ...]
    units: tuple[str, ...]
    cure: Cure | None
    explained: bool = False


def gained(base: Iterable[Judged], now: Iterable[Judged]) -> list[Judged]:
    """Return what is wrong now and was not at the start, or is worse than it was.

    Parameters
    ----------
    base
        What was wrong with the plan the draft began with.
    now
        What is wrong with the draft. What is about the same thing, as patches of one estate are, counts together; a
        change of at most `SAME` is rounding.
    """
    allowed, now = _extents(base), list(now)
    extent = _extents(now)
    return [one for one in now if one.about not in allowed or extent[one.about] > allowed[one.about] + SAME]


def _extents(found: Iterable[Judged]) -> dict[tuple[str, str], float]:
    """Return how bad each thing is that is wrong, all that is about it taken together."""
    extent: dict[tuple[str, str], float] = {}
    for one in found:
        extent[one.about] = extent.get(one.about, 0.0) + one.extent
    return extent


def state_of(base: Iterable[Judged], now: Iterable[Judged]) -> State:
    """Return whether a draft may be submitted.

    Parameters
    ----------
    base, now
        As for :func:`gained`.

    Returns
    -------
    str
        ``complete`` where every unit has a grid and nothing is wrong that was not before, but for soft rules that a
        note explains.
    """
    now = list(now)
    opened = [one for one in gained(base, now) if not one.explained]
    unassigned = any(one.finding.kind == "unit_unassigned" for one in now)
    return "incomplete" if opened or unassigned else "complete"
