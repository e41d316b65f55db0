"""Two versions of a community's grids side by side: who changes grid, what becomes of each grid, what bounds it."""

from collections.abc import Mapping
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
    """The buildings that one old and one new grid share.

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
    return Compared(
        old=before,
        new=after,
        old_grids=grids_with_bounds(before.grids, lines, community),
        new_grids=grids_with_bounds(after.grids, lines, community),
        changes=tuple(_change(row) for row in told.table.to_dict("records")),
        households=told.households,
        households_moved=told.households_moved,
        buildings_moved=told.buildings_moved,
        moved=_moved(before.grids, after.grids, told, by_code=binding),
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


def _moved(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, told: Continuation, *, by_code: bool) -> gpd.GeoDataFrame:
    """Return the land that is in another grid than before, as far as it was and is in one."""
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    left, right = shapely.STRtree(after).query(before, predicate="intersects")
    shared = shapely.intersection(before[left], after[right])
    pairs = list(zip(old["code"].to_numpy()[left], new["code"].to_numpy()[right], strict=True))
    goes_on = told.table[told.table["continued"]]
    stays: set[tuple[str, str]] = set(zip(goes_on["old_code"], goes_on["new_code"], strict=True))
    if by_code:
        stays |= {(code, code) for code in set(old["code"]) & set(new["code"])}
    stays |= _going_on_by_land(stays, pairs, shapely.area(shared))
    changed = np.array([pair not in stays for pair in pairs], dtype=bool)
    frame = gpd.GeoDataFrame(
        {
            "old_code": [pair[0] for pair, other in zip(pairs, changed, strict=True) if other],
            "new_code": [pair[1] for pair, other in zip(pairs, changed, strict=True) if other],
        },
        geometry=[_land(shape) for shape in shared[changed]],
        crs=old.crs,
    )
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
