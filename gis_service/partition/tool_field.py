"""Some grids of a draft as the hand tools and the engine see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.contiguity import UnitGraph, compressed
from gis_service.partition.contraction import Bundles, bundle_estates
from gis_service.plan.draft import Draft, assigned_units
from gis_service.plan.land import known
from gis_service.plan.operations import Assign
from gis_service.plan.rules import UNTESTED, Rules, describe, judge
from gis_service.plan.spacing import set_apart


@dataclass(frozen=True)
class Field:
    """Some grids of a draft as the engine sees them.

    Parameters
    ----------
    keys
        Their keys, ascending.
    units
        Positions of their units.
    bundles
        Estates that lie in one of them are one.
    old
        Row of ``keys`` of each bundle.
    """

    keys: tuple[int, ...]
    units: IndexArray
    bundles: Bundles
    old: IndexArray


def spread(draft: Draft, field: Field, rows: IndexArray) -> IndexArray:
    """Return the labels of all units of a draft after a tool has worked on a field.

    Parameters
    ----------
    draft, field
        The draft and the field of it.
    rows
        Row of ``field.keys`` of each bundle; rows beyond them are new grids, which get their keys by first unit.
    """
    of_unit, count = rows[field.bundles.of_unit], len(field.keys)
    news, first = np.unique(of_unit[of_unit >= count], return_index=True)
    key = np.concatenate((np.array(field.keys), draft.next_key + np.argsort(np.argsort(first))))
    place = np.where(of_unit < count, of_unit, count + np.searchsorted(news, of_unit))
    labels = draft.labels.copy()
    labels[field.units] = key[place]
    return labels


def field_of(draft: Draft, keys: Sequence[int], rules: Rules) -> Field:
    """Return some grids of a draft as the engine sees them.

    Parameters
    ----------
    draft
        The draft.
    keys
        Keys of base grids, ascending.
    rules
        The size rule: an estate stays whole where it fits into one grid and lies in one.
    """
    units = np.flatnonzero(np.isin(draft.labels, list(keys)))
    frame = assigned_units(draft, None).iloc[units].reset_index(drop=True)
    pairs = frame[["estate_id", "grid"]].drop_duplicates()
    torn = pairs["estate_id"].value_counts().loc[lambda count: count > 1].index
    bundles = bundle_estates(frame, _part_graph(draft, units), rules, frame["estate_id"].isin(torn).to_numpy())
    return Field(tuple(keys), units, bundles, np.searchsorted(keys, draft.labels[units[bundles.first]]))


def _part_graph(draft: Draft, units: IndexArray) -> UnitGraph:
    borders = draft.land.borders
    new = np.full(len(draft.land), -1)
    new[units] = np.arange(len(units))
    ends = np.column_stack((new[borders.left], new[borders.right]))
    kept = ends.min(axis=1) >= 0
    metres = (borders.length_m[kept], borders.barrier_m[kept], borders.follow_m[kept])
    return compressed(len(units), ends[kept], *metres)


def faults_of(draft: Draft, keys: Collection[int], rules: Rules, labels: IndexArray | None = None) -> int:
    """Return how many sizes and pieces are wrong with some grids; grids that are new must have households."""
    now = draft.labels if labels is None else labels
    borders, land = draft.land.borders, draft.land
    same = now[borders.left] == now[borders.right]
    faults = 0
    for key in set(keys):
        here = np.flatnonzero(now == key)
        if len(here) == 0:
            continue
        residents = land.residents[here]
        people = known(-1 if (residents < 0).any() else int(residents.sum()))
        status = judge(int(land.households[here].sum()), people, "base", rules).status
        faults += status not in ("normal", *UNTESTED) or (status == "empty" and key >= draft.next_key)
        faults += _pieces(here, borders.left[same], borders.right[same]) - 1
    return faults


def _pieces(units: IndexArray, left: IndexArray, right: IndexArray) -> int:
    """Return in how many pieces some units lie; bridges join them."""
    inside = np.isin(left, units)
    parent = {unit: unit for unit in units.tolist()}

    def root(unit: int) -> int:
        while parent[unit] != unit:
            unit = parent[unit]
        return unit

    for a, b in zip(left[inside].tolist(), right[inside].tolist(), strict=True):
        parent[root(a)] = root(b)
    return sum(unit == above for unit, above in parent.items())


def moves_of(draft: Draft, labels: IndexArray) -> Assign:
    """Return the operation that gives the units of a draft other labels; one at least differs."""
    moved = labels != draft.labels
    codes = draft.land.code
    return Assign(
        tuple(
            (int(key), tuple(str(code) for code in codes[moved & (labels == key)])) for key in np.unique(labels[moved])
        )
    )


def check_open(draft: Draft, key: int) -> None:
    """Refuse a grid that no tool may change.

    Raises
    ------
    InputError
        It is unknown, locked, special or without land.
    """
    grid = draft.grids.get(key)
    if grid is None or grid.locked or grid.kind == "special" or draft.totals[key].units == 0:
        title = Text(f"序号 {key}", f"key {key}") if grid is None else grid.title
        raise InputError(
            Text(
                set_apart(title.zh, "不能自动调整：须是未锁定、有土地的基础网格；请先解锁或改选网格"),
                f"{title.en} cannot be mended: it has to be a base grid with land that is not locked; "
                "unlock it or choose another",
            )
        )


def nothing_found(draft: Draft, keys: Sequence[int], rules: Rules) -> InputError:
    """Return what to tell where no change of some grids brings them into range: their sizes, and what else helps."""
    households = sum(draft.totals[key].households for key in keys)
    counts = [draft.totals[key].residents for key in keys]
    residents = None if None in counts else sum(count or 0 for count in counts)
    sizes = describe(households, residents, judge(households, residents, "base", rules), rules)
    titles = [draft.grids[key].title for key in keys]
    return InputError(
        Text(
            set_apart(
                "、".join(t.zh for t in titles),
                f"合计 {sizes.zh}，未找到合规的调整；请切分单元、解锁相邻网格，或加备注说明原因",
            ),
            f"{' and '.join(t.en for t in titles)} together: {sizes.en}; no change was found that puts them in range; "
            "cut units, unlock grids beside them, or write a note that says why",
        )
    )
