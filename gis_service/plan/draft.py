"""A draft: a plan in the making, whose state is its base and the operations applied to it and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.land import UNKNOWN, Land, borders_of_units
from gis_service.plan.rules import Kind

UNASSIGNED = -1
"""Label of a unit that no grid has."""
CODE_END = 3
"""Signs of a code that stand for it where there is no room for all: its running number."""


@dataclass(frozen=True)
class DraftGrid:
    """A grid of a draft.

    Parameters
    ----------
    key
        Number by which the draft knows it, never given to another grid.
    code
        Code it has from before; None: it gets one when the draft is finished.
    name
        Name; None: it is named by its running number when the draft is finished.
    kind
        Base or special.
    locked
        True: neither its land nor its name may change.
    note
        Remark of the planner, possibly empty: the reason of an exception, for instance.
    was
        What it was called in the plan the draft began with, where it has lost that code; None: it has not.
    """

    key: int
    code: str | None = None
    name: str | None = None
    kind: Kind = "base"
    locked: bool = False
    note: str = ""
    was: str | None = None

    @property
    def title(self) -> Text:
        """What people call it."""
        if self.code is not None:
            return Text(f"网格 {self.code}", f"grid {self.code}")
        if self.name is not None:
            return Text(f"网格“{self.name}”", f"grid {self.name}")
        if self.was is not None:
            return Text(f"暂编网格“{self.was}”", f"provisional grid {self.was}")
        number = self.key + 1  # rows and number keys count from 1, too
        return Text(f"新网格 {number}", f"new grid {number}")

    @property
    def label(self) -> Text:
        """What it is called on the map: its name, the end of its code, or what it was called before."""
        if self.name is not None:
            return Text(self.name, self.name)
        if self.code is not None:
            return Text(f"网格 …{self.code[-CODE_END:]}", f"grid …{self.code[-CODE_END:]}")
        if self.was is not None:
            return Text(self.was, self.was)
        return self.title

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DraftGrid":
        """Return the grid that ``asdict`` wrote."""
        return cls(**values)


@dataclass(frozen=True)
class Totals:
    """What a grid holds.

    Parameters
    ----------
    units, households
        How many [count].
    residents
        Residents [count]; None as soon as those of one unit are unknown.
    area_m2
        Land [m²].
    """

    units: int
    households: int
    residents: int | None
    area_m2: float


@dataclass(frozen=True, eq=False)
class Draft:
    """A plan in the making; operations make new drafts of it and never change it.

    Parameters
    ----------
    land
        The units.
    labels
        Key of the grid of each unit, by position; `UNASSIGNED` where none has it.
    grids
        The grids by key, ascending; those that have lost all their land are among them.
    next_key
        Key the next new grid gets, above every key there is.
    """

    land: Land
    labels: IndexArray
    grids: Mapping[int, DraftGrid]
    next_key: int

    @cached_property
    def keys(self) -> IndexArray:
        """Keys of the grids, ascending."""
        return np.array(list(self.grids), dtype=np.int64)

    @cached_property
    def rows(self) -> IndexArray:
        """Row of each unit's grid in ``keys``; -1 where no grid has it."""
        rows: IndexArray = np.where(self.labels == UNASSIGNED, -1, np.searchsorted(self.keys, self.labels))
        return rows

    @cached_property
    def totals(self) -> Mapping[int, Totals]:
        """What each grid holds, by key."""
        land, count = self.land, len(self.keys)
        inside = self.rows >= 0
        rows, residents = self.rows[inside], land.residents[inside]
        units = np.bincount(rows, minlength=count)
        households = np.bincount(rows, land.households[inside], count)
        people = np.bincount(rows, np.maximum(residents, 0), count)
        blind = np.bincount(rows, residents == UNKNOWN, count) > 0
        area_m2 = np.bincount(rows, land.area_m2[inside], count)
        return {
            int(key): Totals(int(u), int(h), None if b else int(p), float(a))
            for key, u, h, p, b, a in zip(self.keys, units, households, people, blind, area_m2, strict=True)
        }

    def units_of(self, key: int) -> list[str]:
        """Return the codes of the units of a grid, or of `UNASSIGNED`, sorted."""
        return [str(code) for code in self.land.code[self.labels == key]]


def draft_of(land: Land, labels: IndexArray, grids: Sequence[DraftGrid]) -> Draft:
    """Return a draft to start from.

    Parameters
    ----------
    land
        The units.
    labels
        Key of the grid of each unit; `UNASSIGNED`: none.
    grids
        The grids, whatever their order.

    Raises
    ------
    ValueError
        Keys repeat or are negative, a label is no key, or the units are not sorted by code.
    """
    by_key = {grid.key: grid for grid in sorted(grids, key=lambda grid: grid.key)}
    if len(by_key) < len(grids) or any(key < 0 for key in by_key):
        message = "keys of grids must be different and not negative"
        raise ValueError(message)
    if not set(np.unique(labels).tolist()) <= {UNASSIGNED, *by_key} or len(labels) != len(land):
        message = "every unit needs the key of a grid, or UNASSIGNED"
        raise ValueError(message)
    if land.code.tolist() != sorted(set(land.code.tolist())):
        message = "units must be sorted by code, no two alike"
        raise ValueError(message)
    return with_changes(Draft(land, labels, by_key, max(by_key, default=-1) + 1), labels=labels, grids=by_key)


def draft_of_plan(land: Land, rows: IndexArray, grids: pd.DataFrame) -> Draft:
    """Return the draft that begins with a plan.

    Parameters
    ----------
    land
        The units.
    rows
        Row of ``grids`` of each unit; negative: none.
    grids
        The grids frame: ``code`` and ``name`` (None: has none) and ``kind``; keys are the rows.
    """
    columns = zip(grids["code"], grids["name"], grids["kind"], strict=True)
    known = [
        DraftGrid(key, None if pd.isna(code) else str(code), None if pd.isna(name) else str(name), kind)
        for key, (code, name, kind) in enumerate(columns)
    ]
    return draft_of(land, np.where(rows < 0, UNASSIGNED, rows).astype(np.int64), known)


def with_changes(
    draft: Draft,
    *,
    land: Land | None = None,
    labels: IndexArray | None = None,
    grids: Mapping[int, DraftGrid] | None = None,
    next_key: int | None = None,
) -> Draft:
    """Return a draft with some of its parts replaced; its arrays and tables cannot be written to."""
    new_labels = draft.labels if labels is None else np.array(labels, dtype=np.int64)
    new_labels.setflags(write=False)
    new_grids = draft.grids if grids is None else MappingProxyType(dict(sorted(grids.items())))
    return replace(
        draft,
        land=draft.land if land is None else land,
        labels=new_labels,
        grids=new_grids,
        next_key=draft.next_key if next_key is None else next_key,
    )


def draft_bytes(draft: Draft) -> bytes:
    """Return a draft as canonical bytes: two drafts are the same exactly where these are."""
    land = draft.land
    values = {
        "units": [land.unit(code).as_dict() for code in land.code.tolist()],
        "borders": [list(border.__dict__.values()) for border in borders_of_units(land, land.code.tolist())],
        "labels": draft.labels.tolist(),
        "grids": [asdict(grid) for grid in draft.grids.values()],
        "next_key": draft.next_key,
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def assigned_units(draft: Draft, crs: Any) -> gpd.GeoDataFrame:
    """Return the units frame of a draft with the key of each unit's grid.

    Parameters
    ----------
    draft
        The draft.
    crs
        The metric CRS of its polygons.

    Returns
    -------
    geopandas.GeoDataFrame
        ``unit, code, kind, special, estate_id, households, residents, grid, geometry``; ``special`` is the name of
        the special grid the draft puts the unit in, whatever it was given as, and None in base grids.
    """
    land = draft.land
    return gpd.GeoDataFrame(
        {
            "unit": np.arange(len(land)),
            "code": land.code,
            "kind": land.kind,
            "special": special_names(draft),
            "estate_id": land.estate_id,
            "households": land.households,
            "residents": pd.array(land.residents, dtype="Int64"),
            "grid": draft.labels,
        },
        geometry=land.polygon,
        crs=crs,
    ).assign(residents=lambda frame: frame["residents"].mask(frame["residents"] == UNKNOWN))


def special_names(draft: Draft) -> NDArray[np.object_]:
    """Return for each unit the name of the special grid the draft puts it in; None in base grids and in none."""
    names = {key: _name(grid) for key, grid in draft.grids.items() if grid.kind == "special"}
    special = np.empty(len(draft.land), dtype=object)
    special[:] = [names.get(label) for label in draft.labels.tolist()]
    return special


def _name(grid: DraftGrid) -> str:
    return grid.title.zh if grid.name is None else grid.name
