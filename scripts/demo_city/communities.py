"""Communities: faces between the larger streets, gathered until each has its share of the households."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from demo_city.names import CITY, COMMUNITIES, COUNTY, STREETS
from demo_city.streets import NODING_M, west_of_river
from demo_city.town import Town

BORDERING = ("primary", "secondary", "tertiary")
EXCLAVE_HOUSEHOLDS = 150


def make_regions(town: Town, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the regions ``code, name, level, parent_code, geometry`` of all four levels; they tile exactly."""
    faces, households = _faces(town, buildings)
    west = shapely.contains(west_of_river(town.skeleton), shapely.point_on_surface(faces))
    touching = _neighbours(faces)
    label = np.full(len(faces), -1)
    first = 0
    for bank, count in ((west, STREETS[0][1] + STREETS[1][1]), (~west, STREETS[2][1])):
        label[bank] = first + _gather(np.flatnonzero(bank), faces, households, touching, count)[bank]
        first += count
    _make_exclave(label, faces, households, touching, west)
    shapes = [shapely.coverage_union_all(faces[label == number]) for number in range(first)]
    return _frame(shapes)


def _faces(town: Town, buildings: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces between bordering streets, river and railway, and their households."""
    skeleton = town.skeleton
    lines = [street.line for street in town.streets if street.highway in BORDERING]
    lines += [skeleton.river_line, skeleton.railway, skeleton.expressway]
    clipped = shapely.intersection(np.array(lines, dtype=object), skeleton.extent)
    linework = shapely.union_all([*clipped, skeleton.extent.boundary], grid_size=NODING_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    centre = shapely.point_on_surface(faces)
    faces = faces[np.lexsort((shapely.get_x(centre), -shapely.get_y(centre)))]
    inside, face = shapely.STRtree(faces).query(shapely.point_on_surface(buildings.geometry.to_numpy()), "within")
    households = np.bincount(face, buildings["households"].to_numpy()[inside], minlength=len(faces))
    return faces, households


def _neighbours(faces: np.ndarray) -> list[np.ndarray]:
    left, right = shapely.STRtree(faces).query(faces, "intersects")
    apart = left != right
    left, right = left[apart], right[apart]
    beside = shapely.length(shapely.intersection(faces[left], faces[right])) > 1.0
    return [right[beside & (left == face)] for face in range(len(faces))]


def _gather(
    bank: np.ndarray, faces: np.ndarray, households: np.ndarray, touching: list[np.ndarray], count: int
) -> np.ndarray:
    """Return labels 0 … count-1 of the faces of a bank: the smallest community always takes its nearest neighbour."""
    middle = shapely.get_coordinates(shapely.point_on_surface(faces))
    seeds = _seeds(bank, middle, households, count)
    label = np.full(len(faces), -1)
    label[seeds] = np.arange(count)
    on_bank = np.zeros(len(faces), dtype=bool)
    on_bank[bank] = True
    while (label[bank] < 0).any():
        size = np.bincount(label[label >= 0], households[label >= 0], minlength=count)
        for number in np.argsort(size, kind="stable"):
            own = np.flatnonzero(label == number)
            free = [f for face in own for f in touching[face] if on_bank[f] and label[f] < 0]
            if free:
                near = np.hypot(*(middle[free] - middle[seeds[number]]).T)
                label[free[int(np.argmin(near))]] = number
                break
    return label


def _seeds(bank: np.ndarray, middle: np.ndarray, households: np.ndarray, count: int) -> np.ndarray:
    """Return faces far apart from each other among those with people (farthest-point choice)."""
    lived_in = bank[households[bank] > 0]
    chosen = [int(lived_in[np.argmax(households[lived_in])])]
    while len(chosen) < count:
        away = np.min([np.hypot(*(middle[lived_in] - middle[seed]).T) for seed in chosen], axis=0)
        chosen.append(int(lived_in[np.argmax(away * np.sqrt(households[lived_in]))]))
    return np.array(chosen)


def _make_exclave(
    label: np.ndarray, faces: np.ndarray, households: np.ndarray, touching: list[np.ndarray], west: np.ndarray
) -> None:
    """Hand one face to a community that it does not touch, as history does (飞地)."""
    for face in np.argsort(np.abs(households - EXCLAVE_HOUSEHOLDS), kind="stable"):
        rest = np.flatnonzero((label == label[face]) & (np.arange(len(faces)) != face))
        beside = set(label[touching[face]])
        others = sorted(set(label[west == west[face]]) - beside - {label[face]})
        if others and len(rest) and _hangs_together(rest, touching):
            gap = [shapely.distance(faces[face], shapely.union_all(faces[label == other])) for other in others]
            label[face] = others[int(np.argmin(gap))]
            return


def _hangs_together(group: np.ndarray, touching: list[np.ndarray]) -> bool:
    left, queue = set(group.tolist()), [int(group[0])]
    left.discard(queue[0])
    while queue:
        reached = left & set(touching[queue.pop()].tolist())
        left -= reached
        queue += reached
    return not left


def _frame(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return the hierarchy; within a bank communities are named and numbered from the north."""
    west = STREETS[0][1] + STREETS[1][1]
    y = np.array([shape.centroid.y for shape in shapes])
    order = [*sorted(range(west), key=lambda i: -y[i]), *sorted(range(west, len(shapes)), key=lambda i: -y[i])]
    rows, first = [], 0
    for number, (street, count) in enumerate(STREETS, start=1):
        code = f"999901{number:03d}000"
        own = order[first : first + count]
        first += count
        for position, (name, i) in enumerate(zip(COMMUNITIES[street], own, strict=True), start=1):
            rows.append((f"{code[:9]}{position:03d}", name, "community", code, shapes[i]))
        rows.append((code, street, "street", COUNTY[0], shapely.coverage_union_all([shapes[i] for i in own])))
    whole = shapely.coverage_union_all(shapes)
    rows += [(*COUNTY, "county", CITY[0], whole), (*CITY, "city", None, whole)]
    rows.sort(key=lambda row: row[0])
    columns = dict(zip(("code", "name", "level", "parent_code", "geometry"), zip(*rows, strict=True), strict=True))
    columns["parent_code"] = pd.array(columns["parent_code"], dtype=object)
    return gpd.GeoDataFrame(columns)
