"""Two versions of a community's grids side by side: who changes grid, what becomes of each grid, what bounds it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.db import cities
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.regions import path_of_community
from gis_service.errors import InputError, Text
from gis_service.geo.coverage import FloatArray
from gis_service.geo.crs import to_stored
from gis_service.partition.community import clip_to
from gis_service.plan.bounds import Bounds, bounds_of_grid
from gis_service.plan.comparison import compare
from gis_service.plan.continuation import Continuation, continuation
from gis_service.plan.rules import Kind, Status
from gis_service.workflows.community_inputs import border_lines
from gis_service.workflows.kept import Kept
from gis_service.workflows.plan_versions import PlanVersion, load_version

SLIVER_M2 = 1.0
"""Less land than this that changes grid is left by rounding and drawing [m²]."""
CITIES_KEPT = 4
DECIMALS = 7
"""Decimals of degrees that are told: a centimetre."""


@dataclass(frozen=True)
class ComparedGrid:
    """One grid of a version.

    Parameters
    ----------
    code, name, label
        Code (of grids without one, made up), name, and what maps write: the number without the community's code.
    kind, status
        As in the grids frame.
    households, residents
        Sums over its buildings [count]; residents None where unknown.
    bounds
        What bounds it on each side.
    """

    code: str
    name: str
    label: str
    kind: Kind
    status: Status
    households: int
    residents: int | None
    bounds: Bounds


@dataclass(frozen=True)
class Change:
    """What one old and one new grid share: buildings, or land where nobody lives in one of them.

    Parameters
    ----------
    old, new
        Codes; None: in no grid of that version.
    buildings, households, residents
        How many [count]; residents None where unknown.
    stays
        The new grid goes on as the old one, so nobody of these changes grid.
    """

    old: str | None
    new: str | None
    buildings: int
    households: int
    residents: int | None
    stays: bool


@dataclass(frozen=True, eq=False)
class Compared:
    """Two versions of a community's grids.

    Parameters
    ----------
    old, new
        The versions.
    old_grids, new_grids
        Their grids, sorted by code.
    changes
        Who goes from where to where, by old and new code, those of no grid last.
    households, households_moved, buildings_moved
        Those in a grid of either version, and those that change grid [count].
    moved
        Land that changes grid: ``old_code``, ``new_code`` and ``geometry``, in the metric CRS.
    """

    old: PlanVersion
    new: PlanVersion
    old_grids: tuple[ComparedGrid, ...]
    new_grids: tuple[ComparedGrid, ...]
    changes: tuple[Change, ...]
    households: int
    households_moved: int
    buildings_moved: int
    moved: gpd.GeoDataFrame

    @property
    def share_moved(self) -> float | None:
        """Share of the households that change grid; None without households."""
        return self.households_moved / self.households if self.households else None

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return everything as plain values, the land that changes grid as GeoJSON in longitude and latitude."""
        return {
            "old": {"name": self.old.name, "title": self.old.title.in_language(language)},
            "new": {"name": self.new.name, "title": self.new.title.in_language(language)},
            "old_grids": [_plain(grid, language) for grid in self.old_grids],
            "new_grids": [_plain(grid, language) for grid in self.new_grids],
            "changes": [asdict(change) for change in self.changes],
            "households": self.households,
            "households_moved": self.households_moved,
            "buildings_moved": self.buildings_moved,
            "share_moved": self.share_moved,
            "moved": _features(self.moved),
            "old_outlines": _features(self.old.grids[["code", "geometry"]]),
            "new_outlines": _features(self.new.grids[["code", "geometry"]]),
        }


def compare_versions(conn: Connection, city_name: str, community: str, old: str, new: str) -> Compared:
    """Return two versions of a community's grids side by side.

    Parameters
    ----------
    conn
        Transaction, for reading.
    city_name, community
        Name of the city and code of the community.
    old, new
        ``today``, the name of a stored plan, or ``draft:`` and a number.

    Raises
    ------
    UnknownCityError, UnknownPlanError, UnknownDraftError
        No such city, plan or draft.
    InputError
        The community is unknown or has no such version.
    """
    city = cities.load_city(conn, city_name)
    if not path_of_community(conn, city, community):
        raise InputError(
            Text(f"城市 {city.name} 没有社区 {community}", f"city {city.name} has no community {community}")
        )
    after = load_version(conn, city, community, new)
    before = load_version(conn, city, community, old, after.rules)
    return compared(before, after, named_lines(conn, city), community)


def compared(before: PlanVersion, after: PlanVersion, lines: gpd.GeoDataFrame, community: str) -> Compared:
    """Return two versions side by side.

    Parameters
    ----------
    before, after
        The versions.
    lines
        Named roads, rivers and the like of the city.
    community
        Code of the community.
    """
    own = pd.DataFrame(after.buildings.drop(columns="geometry"))
    binding = before.binds(after)
    told = continuation(compare(before.membership, after.membership, own).table, by_code=binding)
    land = _shared_land(before.grids, after.grids)
    stays = _stays(before.grids, after.grids, told, land, by_code=binding)
    changes = [_change(row) for row in told.table.to_dict("records")]
    return Compared(
        old=before,
        new=after,
        old_grids=grids_with_bounds(before.grids, lines, community),
        new_grids=grids_with_bounds(after.grids, lines, community),
        changes=tuple(sorted([*changes, *_of_land(changes, before.grids, after.grids, land, stays)], key=_place)),
        households=told.households,
        households_moved=told.households_moved,
        buildings_moved=told.buildings_moved,
        moved=_moved(land, stays),
    )


def lines_of_city(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the barriers and streets of a city, which a process keeps at hand."""
    return _LINES.get((city.id, city.imported_at), lambda: border_lines(conn, city))


def named_lines(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the roads, rivers, railways and walls of a city that have a name, streets of the network among them."""
    lines = lines_of_city(conn, city)
    return lines[lines["name"].notna() & (lines["name"] != "")].reset_index(drop=True)


def grids_with_bounds(grids: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, community: str) -> tuple[ComparedGrid, ...]:
    """Return the grids of a version with what bounds each; neighbours are named as on the map."""
    labels = [label_of(code, name, community) for code, name in zip(grids["code"], grids["name"], strict=True)]
    shapes = dict(zip(labels, grids.geometry, strict=True))
    near = clip_to(lines, shapely.union_all(grids.geometry.to_numpy()))
    told = []
    for label, row in zip(labels, grids.to_dict("records"), strict=True):
        others = {other: shape for other, shape in shapes.items() if other != label}
        told.append(
            ComparedGrid(
                code=row["code"],
                name=row["name"],
                label=label,
                kind=row["kind"],
                status=row["status"],
                households=int(row["households"]),
                residents=None if pd.isna(row["residents"]) else int(row["residents"]),
                bounds=bounds_of_grid(row["geometry"], clip_to(near, row["geometry"]), others),
            )
        )
    return tuple(told)


def label_of(code: str, name: str, community: str) -> str:
    """Return what maps write on a grid: its number, or its name where it has no code of the community."""
    short = code.removeprefix(community)
    return short if short != code and short.strip("-_ ").isdigit() else name


def _change(row: Mapping[Any, Any]) -> Change:
    return Change(
        old=row["old_code"],
        new=row["new_code"],
        buildings=int(row["buildings"]),
        households=int(row["households"]),
        residents=None if pd.isna(row["residents"]) else int(row["residents"]),
        stays=bool(row["continued"]),
    )


def _place(change: Change) -> tuple[bool, str, bool, str]:
    return change.old is None, change.old or "", change.new is None, change.new or ""


def _of_land(
    changes: Sequence[Change],
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    stays: Collection[tuple[str, str]],
) -> list[Change]:
    """Return what becomes of grids without buildings, and what they were, by the land they share."""
    told_old, told_new = {change.old for change in changes}, {change.new for change in changes}
    large = land[shapely.area(land.geometry.to_numpy()) > SLIVER_M2]
    pairs = list(zip(large["old_code"], large["new_code"], strict=True))
    pairs = [pair for pair in pairs if pair[0] not in told_old or pair[1] not in told_new]
    ended = set(old["code"]) - told_old - {pair[0] for pair in pairs}
    made = set(new["code"]) - told_new - {pair[1] for pair in pairs}
    apart: list[tuple[str | None, str | None]] = [
        *((code, None) for code in sorted(ended)),
        *((None, code) for code in sorted(made)),
    ]
    return [Change(one, other, 0, 0, 0, stays=(one, other) in stays) for one, other in [*pairs, *apart]]


def _shared_land(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the land that each old grid shares with each new one that it meets: both codes and ``geometry``."""
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    left, right = shapely.STRtree(after).query(before, predicate="intersects")
    codes = {"old_code": old["code"].to_numpy()[left], "new_code": new["code"].to_numpy()[right]}
    return gpd.GeoDataFrame(codes, geometry=shapely.intersection(before[left], after[right]), crs=old.crs)


def _stays(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, told: Continuation, land: gpd.GeoDataFrame, *, by_code: bool
) -> set[tuple[str, str]]:
    """Return which old grids go on as which new ones, by people and, where none are, by land."""
    goes_on = told.table[told.table["continued"]]
    stays: set[tuple[str, str]] = set(zip(goes_on["old_code"], goes_on["new_code"], strict=True))
    if by_code:
        stays |= {(code, code) for code in set(old["code"]) & set(new["code"])}
    pairs = list(zip(land["old_code"], land["new_code"], strict=True))
    return stays | _going_on_by_land(stays, pairs, shapely.area(land.geometry.to_numpy()))


def _moved(land: gpd.GeoDataFrame, stays: Collection[tuple[str, str]]) -> gpd.GeoDataFrame:
    """Return the land that is in another grid than before, as far as it was and is in one."""
    pairs = zip(land["old_code"], land["new_code"], strict=True)
    changed = land[np.array([pair not in stays for pair in pairs], dtype=bool)]
    frame = changed.set_geometry([_land(shape) for shape in changed.geometry], crs=land.crs)
    large = frame[shapely.area(frame.geometry.to_numpy()) > SLIVER_M2]
    return large.sort_values(["old_code", "new_code"], ignore_index=True)


def _going_on_by_land(
    stays: set[tuple[str, str]], pairs: list[tuple[str, str]], area_m2: FloatArray
) -> set[tuple[str, str]]:
    """Return which of the other grids, that share no building, go on as which: those with the most land in common."""
    taken_old, taken_new = {old for old, _ in stays}, {new for _, new in stays}
    found: set[tuple[str, str]] = set()
    for at in sorted(range(len(pairs)), key=lambda number: (-area_m2[number], pairs[number])):
        old, new = pairs[at]
        if area_m2[at] > SLIVER_M2 and old not in taken_old and new not in taken_new:
            found.add((old, new))
            taken_old.add(old)
            taken_new.add(new)
    return found


def _land(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon([part for part in parts if shapely.area(part) > SLIVER_M2])


def _plain(grid: ComparedGrid, language: str) -> dict[str, Any]:
    bounds = {
        side: [text.in_language(language) for text in getattr(grid.bounds, side)]
        for side in ("east", "south", "west", "north")
    }
    return {**asdict(grid), "bounds": bounds, "bounds_text": grid.bounds.text.in_language(language)}


def _features(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    stored = to_stored(frame)
    shapes = shapely.transform(stored.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": row, "geometry": shapely.geometry.mapping(shape)}
            for row, shape in zip(stored.drop(columns="geometry").to_dict("records"), shapes, strict=True)
        ],
    }


_LINES: Kept[gpd.GeoDataFrame] = Kept(CITIES_KEPT)
