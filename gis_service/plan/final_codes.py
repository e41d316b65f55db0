"""A finished draft as grids with codes and names: those there were stay, new ones follow, and who came from whom."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.codes import codes_of
from gis_service.plan.draft import UNASSIGNED, Draft, assigned_units
from gis_service.plan.grids import grids_of
from gis_service.plan.rules import Rules

Descent = Literal["kept", "split_from", "merged_into", "new"]


@dataclass(frozen=True, order=True)
class Descended:
    """Land that went from one grid to another.

    Parameters
    ----------
    old
        Code of the grid it was in; empty: it was in none that had a code.
    new
        Code of the grid it is in now.
    how
        ``kept``: the same grid; ``split_from``: the old grid goes on and this part of it left; ``merged_into``: the
        old grid is no more; ``new``: there was no old grid.
    households, units
        How many [count]; units that were cut count as their pieces.
    """

    old: str
    new: str
    how: Descent
    households: int
    units: int


@dataclass(frozen=True)
class FinalGrids:
    """The grids of a finished draft.

    Parameters
    ----------
    grids
        The grids frame, sorted by code.
    rows
        Row of ``grids`` of each unit of the draft.
    codes
        Code of each grid of the draft that has land, by its key.
    retired
        Codes of the base that no grid has any more, sorted; they are never given again.
    lineage
        Who came from whom, sorted.
    """

    grids: gpd.GeoDataFrame
    rows: IndexArray
    codes: dict[int, str]
    retired: tuple[str, ...]
    lineage: tuple[Descended, ...]


def final_grids(
    base: Draft, draft: Draft, community_code: str, rules: Rules, *, taken: Collection[str] = (), crs: Any
) -> FinalGrids:
    """Return the grids of a finished draft with their codes and names.

    Parameters
    ----------
    base
        The draft before its first operation.
    draft
        The draft now; every unit has a grid.
    community_code
        Code of the community.
    rules
        The size rule and the code pattern.
    taken
        Every code the community ever used; none is given to other land.
    crs
        The metric CRS of the polygons.

    Returns
    -------
    FinalGrids
        Grids keep the code they have, if it is of the pattern; the others get the next running numbers in reading
        order, see :func:`gis_service.plan.codes.number_grids`. Names are kept, new base grids named by their numbers.

    Raises
    ------
    InputError
        A unit has no grid, or there are more grids than codes.
    """
    left_out = np.flatnonzero(draft.labels == UNASSIGNED)
    if len(left_out):
        people = int(draft.land.households[left_out].sum())
        raise InputError(
            Text(
                f"还有 {len(left_out)} 个单元、{people} 户没有划入网格，不能定稿；请先划入网格",
                f"{len(left_out)} units with {people} households are in no grid, so the draft is not finished; put "
                "them into grids first",
            )
        )
    known = codes_of(community_code, rules)
    living = [grid for grid in draft.grids.values() if draft.totals[grid.key].units > 0]
    before = {grid.code for grid in base.grids.values() if grid.code is not None}
    grids, rows = grids_of(
        assigned_units(draft, crs),
        draft.labels,
        community_code,
        rules,
        {*taken, *before},
        kept_codes={grid.key: grid.code for grid in living if grid.code in known and grid.code is not None},
        kept_names={grid.key: grid.name for grid in living if grid.name is not None and grid.kind == "base"},
    )
    given = grids["code"].to_numpy(dtype=object)
    first = {int(key): int(at) for key, at in zip(*np.unique(draft.labels, return_index=True), strict=True)}
    codes = {key: str(given[rows[at]]) for key, at in first.items()}
    return FinalGrids(
        grids=grids,
        rows=rows,
        codes=codes,
        retired=tuple(sorted(before - set(codes.values()))),
        lineage=_lineage(base, draft, codes),
    )


def base_labels(base: Draft, draft: Draft) -> IndexArray:
    """Return the key of the grid of the base that each unit of a draft was in; pieces were where their unit was."""
    keys = np.empty(len(draft.land), np.int64)
    for at, code in enumerate(draft.land.code.tolist()):
        origin = str(code)
        while origin not in base.land.position:
            origin = origin.rpartition(".")[0]
        keys[at] = base.labels[base.land.position[origin]]
    return keys


def _lineage(base: Draft, draft: Draft, codes: dict[int, str]) -> tuple[Descended, ...]:
    old = base_labels(base, draft)
    pairs, pair = np.unique(np.column_stack((old, draft.labels)), axis=0, return_inverse=True)
    households, units = np.bincount(pair, draft.land.households), np.bincount(pair)
    return tuple(
        sorted(
            _descended(base, int(before), int(now), codes, int(people), int(count))
            for (before, now), people, count in zip(pairs, households, units, strict=True)
        )
    )


def _descended(base: Draft, before: int, now: int, codes: dict[int, str], households: int, units: int) -> Descended:
    code = "" if before == UNASSIGNED else base.grids[before].code or ""
    how: Descent = "kept" if before == now else "split_from" if before in codes else "merged_into"
    return Descended(code, codes[now], how if code else "new", households, units)
