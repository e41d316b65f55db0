"""Communities: faces between the larger streets, halved again and again until each has its share of the households."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from demo_city.lines import overshot, polygons_of
from demo_city.names import CITY, COMMUNITIES, COUNTY, STREETS
from demo_city.streets import west_of_river
from demo_city.town import Town

BORDERING = ("primary", "secondary", "tertiary")
EXCLAVE_HOUSEHOLDS = 400
DIRECTIONS = 16
FACE_GRID_M = 0.01
"""Borders are noded on this grid, coarse enough to close slivers where two streets meet across a road."""


@dataclass(frozen=True)
class Faces:
    """Faces between bordering lines, north to south, with households and the borders they share."""

    shape: NDArray[np.object_]
    households: NDArray[np.int64]
    middle: NDArray[np.float64]
    border_m: NDArray[np.float64]


def make_regions(town: Town, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the regions ``code, name, level, parent_code, geometry`` of all four levels; they tile exactly."""
    faces = _faces(town, buildings)
    on_west = shapely.contains(west_of_river(town.skeleton), shapely.point_on_surface(faces.shape))
    counts = [len(COMMUNITIES[street]) for street in STREETS]
    # the two streets of the west bank have equally many communities, so either half may be the northern one
    halves = _halve(faces, np.flatnonzero(on_west), 0.5)
    north, south = sorted(halves, key=lambda half: -faces.middle[half, 1].mean())
    label = np.full(len(faces.shape), -1)
    first = 0
    for group, count in zip((north, south, np.flatnonzero(~on_west)), counts, strict=True):
        for number, part in enumerate(_parts(faces, group, count), start=first):
            label[part] = number
        first += count
    street = np.repeat(np.arange(len(counts)), counts)
    _make_exclave(label, street, faces)
    return _frame([shapely.coverage_union_all(faces.shape[label == number]) for number in range(first)])


def _faces(town: Town, buildings: gpd.GeoDataFrame) -> Faces:
    """Return the faces between bordering streets, river, railway and expressway."""
    skeleton = town.skeleton
    lines = [overshot(line) for line in _bordering_streets(town)]
    lines += [skeleton.river_line, skeleton.railway, skeleton.expressway]
    clipped = shapely.intersection(np.array(lines, dtype=object), skeleton.extent)
    linework = shapely.union_all([*clipped, skeleton.extent.boundary], grid_size=FACE_GRID_M)
    shape = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    middle = shapely.get_coordinates(shapely.point_on_surface(shape))
    order = np.lexsort((middle[:, 0], -middle[:, 1]))
    shape, middle = shape[order], middle[order]
    inside, face = shapely.STRtree(shape).query(shapely.point_on_surface(buildings.geometry.to_numpy()), "within")
    households = np.bincount(face, buildings["households"].to_numpy()[inside], minlength=len(shape)).astype(int)
    left, right = shapely.STRtree(shape).query(shape, "intersects")
    border_m = np.zeros((len(shape), len(shape)))
    border_m[left, right] = shapely.length(shapely.intersection(shape[left], shape[right]))
    np.fill_diagonal(border_m, 0.0)
    return Faces(shape, households, middle, border_m)


def _bordering_streets(town: Town) -> list[shapely.LineString]:
    """Return centre lines of the larger streets; at a village they go round it, so that it stays in one community."""
    lines = [street.line for street in town.streets if street.highway in BORDERING]
    for village, road in town.villages:
        side = polygons_of(split(village.face, road.line))[0]
        round_it = shapely.line_merge(side.exterior.difference(road.line.buffer(0.01)))
        lines = [part for line in lines for part in shapely.get_parts(line.difference(village.face))]
        lines += list(shapely.get_parts(round_it))
    return lines


def _parts(faces: Faces, group: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """Return ``count`` parts of a group of faces, about equal in households and each in one piece."""
    if count == 1:
        return [group]
    one, other = _halve(faces, group, (count // 2) / count)
    return _parts(faces, one, count // 2) + _parts(faces, other, count - count // 2)


def _halve(faces: Faces, group: NDArray[np.int64], share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return two parts of a group, the first with about ``share`` of its households.

    Faces are sorted along many directions and cut where the sum fits; the shortest common border in one piece wins.
    """
    households = faces.households[group]
    best: tuple[float, NDArray[np.bool_]] = (np.inf, np.zeros(len(group), dtype=bool))
    for angle in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        along = faces.middle[group] @ np.array([np.cos(angle), np.sin(angle)])
        for sign in (1, -1):
            order = np.argsort(-sign * along, kind="stable")
            total = np.cumsum(households[order])
            for cut in np.argsort(np.abs(total / total[-1] - share), kind="stable")[:3] + 1:
                first = np.zeros(len(group), dtype=bool)
                first[order[:cut]] = True
                first = _mended(faces, group, first)
                off = abs(households[first].sum() / households.sum() - share) / share
                common = faces.border_m[np.ix_(group[first], group[~first])].sum()
                cost = common / 1000.0 + 4.0 * off
                if first.any() and not first.all() and cost < best[0]:
                    best = (cost, first)
    return group[best[1]], group[~best[1]]


def _mended(faces: Faces, group: NDArray[np.int64], first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the division with every stray piece handed to the other side."""
    for side in (True, False):
        own = np.flatnonzero(first == side)
        pieces = _pieces(faces, group[own])
        if len(pieces) > 1:
            main = max(pieces, key=lambda piece: (faces.households[group[own[piece]]].sum(), len(piece)))
            stray = np.setdiff1d(own, own[main])
            first = first.copy()
            first[stray] = not side
    return first


def _pieces(faces: Faces, group: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the connected pieces of some faces, as positions in ``group``."""
    beside = faces.border_m[np.ix_(group, group)] > 1.0
    left, pieces = np.ones(len(group), dtype=bool), []
    while left.any():
        piece = np.zeros(len(group), dtype=bool)
        piece[np.argmax(left)] = True
        while True:
            grown = piece | (beside[piece].any(axis=0) & left)
            if (grown == piece).all():
                break
            piece = grown
        left &= ~piece
        pieces.append(np.flatnonzero(piece))
    return pieces


def _make_exclave(label: NDArray[np.int64], street: NDArray[np.int64], faces: Faces) -> None:
    """Hand one face to a community of its street that it does not touch, as history does (飞地)."""
    for face in np.argsort(np.abs(faces.households - EXCLAVE_HOUSEHOLDS), kind="stable"):
        rest = np.flatnonzero((label == label[face]) & (np.arange(len(label)) != face))
        beside = label[faces.border_m[face] > 0.0]
        same_street = np.flatnonzero(street == street[label[face]])
        others = np.setdiff1d(same_street, np.append(beside, label[face]))
        if len(others) and len(_pieces(faces, rest)) == 1:
            gap = [shapely.distance(faces.shape[face], faces.shape[label == other]).min() for other in others]
            label[face] = others[int(np.argmin(gap))]
            return


def _frame(shapes: list[BaseGeometry]) -> gpd.GeoDataFrame:
    """Return the hierarchy; within a street communities are named and numbered from the north."""
    rows: list[tuple[str, str, str, str | None, BaseGeometry]] = []
    first = 0
    for number, street in enumerate(STREETS, start=1):
        names = COMMUNITIES[street]
        code = f"999901{number:03d}000"
        own = sorted(shapes[first : first + len(names)], key=lambda shape: -shape.centroid.y)
        first += len(names)
        for position, (name, shape) in enumerate(zip(names, own, strict=True), start=1):
            rows.append((f"{code[:9]}{position:03d}", name, "community", code, shape))
        rows.append((code, street, "street", COUNTY[0], shapely.coverage_union_all(own)))
    whole = shapely.coverage_union_all(shapes)
    rows += [(*COUNTY, "county", CITY[0], whole), (*CITY, "city", None, whole)]
    rows.sort(key=lambda row: row[0])
    columns = pd.DataFrame([row[:4] for row in rows], columns=["code", "name", "level", "parent_code"], dtype=object)
    return gpd.GeoDataFrame(columns, geometry=[row[4] for row in rows])
