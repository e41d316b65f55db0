"""The street net: faces of the main roads are halved along the cross field until they are blocks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon
from shapely.ops import split

from demo_city.blocks import Junction, cut_block
from demo_city.landuse import BLOCK_AREA_M2, HECTARE_M2, zone_at
from demo_city.lines import CrossField, Street, overshot, polygons_of
from demo_city.skeleton import Skeleton

NODING_M = 0.001


@dataclass(frozen=True)
class Block:
    """Land between street centre lines, with the zone it lies in."""

    face: Polygon
    zone: str


def grow_streets(
    skeleton: Skeleton, cross: CrossField, names: Iterator[str], rng: np.random.Generator
) -> tuple[list[Street], list[Block]]:
    """Return all streets of the built-up town and the blocks between them."""
    main = [overshot(road.line) for road in skeleton.roads]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(main, grid_size=NODING_M))))
    west = west_of_river(skeleton)
    streets, blocks = list(skeleton.roads), []
    junctions: list[Junction] = []
    queue = [face for face in faces if face.intersection(skeleton.river).area < 0.05 * face.area]
    queue.sort(key=lambda face: (-face.area, face.centroid.x))
    while queue:
        face = queue.pop(0)
        zone = zone_at(face.centroid.x, face.centroid.y, bool(west.contains(face.centroid)))
        target = BLOCK_AREA_M2[zone] * rng.uniform(0.6, 1.7)
        cut = None
        if face.area > target:
            highway = _class_of_cut(face.area)
            cut = cut_block(face, cross, rng, junctions=junctions, snap_m=26.0)
        if cut is None:
            blocks.append(Block(face, zone))
            continue
        goes_on = [end.name for end in cut.ends if end is not None and end.highway == highway]
        name = goes_on[0] if goes_on else next(names)
        streets.append(Street(name, highway, cut.line))
        junctions += [Junction(x, y, highway, name) for x, y in (cut.line.coords[0], cut.line.coords[-1])]
        queue.extend(cut.parts)
        queue.sort(key=lambda part: (-part.area, part.centroid.x))
    return streets, blocks


def west_of_river(skeleton: Skeleton) -> Polygon:
    """Return the part of the jurisdiction on the right (west) bank."""
    sides = polygons_of(split(skeleton.extent, overshot(skeleton.river_line)))
    return min(sides, key=lambda side: side.centroid.x)


def _class_of_cut(area_m2: float) -> str:
    if area_m2 > 26.0 * HECTARE_M2:
        return "secondary"
    return "tertiary" if area_m2 > 8.5 * HECTARE_M2 else "residential"
