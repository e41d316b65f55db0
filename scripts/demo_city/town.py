"""The town as a whole: skeleton, streets, parcels, villages, communities."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from demo_city.landuse import Wish, assign_uses
from demo_city.lines import WIDTH_M, CrossField, Street, between, spline
from demo_city.names import street_names
from demo_city.parcels import Parcel, build, build_village, private_land
from demo_city.skeleton import Skeleton, draw_skeleton
from demo_city.streets import grow_streets

VILLAGES = ((1505.0, 70.0, 165.0), (1500.0, 660.0, 110.0), (905.0, -1330.0, 120.0), (-1385.0, -95.0, 85.0))
"""Centre and radius of each village [m]."""


@dataclass(frozen=True)
class Town:
    """Everything drawn, before people move in."""

    skeleton: Skeleton
    streets: list[Street]
    paths: list[Street]
    parcels: list[Parcel]
    granted: dict[int, Wish]


def draw_town(rng: np.random.Generator) -> Town:
    """Return a town."""
    skeleton = draw_skeleton(rng)
    guides = [road.line for road in skeleton.roads] + [skeleton.railway, skeleton.expressway]
    cross = CrossField.along(guides, skeleton.extent.bounds)
    names = street_names(rng)
    streets, blocks = grow_streets(skeleton, cross, names, rng)
    faces = [block.face for block in blocks]
    uses, granted = assign_uses(faces, [block.zone for block in blocks], rng)
    space = [street.line.buffer(WIDTH_M[street.highway] / 2) for street in streets]
    space += [skeleton.railway.buffer(14.0), skeleton.river.buffer(6.0)]
    tree = shapely.STRtree(space)
    parcels = [
        build(use, face, private_land(face, tree, space), cross, rng) for use, face in zip(uses, faces, strict=True)
    ]
    for x, y, radius in VILLAGES:
        face = _blob(x, y, radius, rng)
        roads = [street for street in streets if street.line.intersects(face)]
        parcels.append(build_village(face, roads, cross, rng))
    paths = [path for parcel in parcels for path in parcel.paths]
    paths += _outskirts(skeleton, streets) + _footbridges(skeleton)
    return Town(skeleton, streets, paths, parcels, granted)


def _blob(x: float, y: float, radius: float, rng: np.random.Generator) -> Polygon:
    angle = np.linspace(0.0, 2 * np.pi, 37)[:-1]
    reach = np.full_like(angle, radius)
    for wave in range(2, 6):
        reach += radius * rng.normal(0.0, 0.11) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return Polygon(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)]))


def _street(streets: list[Street], name: str) -> LineString:
    return next(street.line for street in streets if street.name == name)


def _outskirts(skeleton: Skeleton, streets: list[Street]) -> list[Street]:
    """Return hill paths and field tracks."""
    ring = _street(streets, "绕城西路")
    climb = spline([(-1150, 560), (-1290, 660), (-1370, 830), (-1280, 960), (-1240, 1060), (-1100, 1010), (-950, 960)])
    parts = [part for part in shapely.get_parts(shapely.node(shapely.union_all([climb, ring])))]
    hill = [part for part in parts if part.length > 50.0 and part.interpolate(0.5, normalized=True).distance(ring) > 20]
    return [Street("望澜山步道", "footway", part) for part in hill]


def _footbridges(skeleton: Skeleton) -> list[Street]:
    """Return the covered bridge and the bridge to the islet, from embankment to embankment or shore."""
    by_name = {road.name: road.line for road in skeleton.roads}
    west, east = by_name["西堤路"], by_name["东堤路"]
    at = skeleton.river_line.project(Point(-110, -330))
    before, after = skeleton.river_line.interpolate(at - 2), skeleton.river_line.interpolate(at + 2)
    middle = np.array([(before.x + after.x) / 2, (before.y + after.y) / 2])
    heading = np.array([after.y - before.y, before.x - after.x]) / before.distance(after)
    across = between(LineString([middle - 160 * heading, middle + 160 * heading]), west, east)
    centre = skeleton.islet.centroid
    landing = west.interpolate(west.project(centre))
    return [
        Street("鹭汀廊桥", "footway", across),
        Street("芦汀桥", "footway", LineString([landing, centre])),
        Street(None, "footway", LineString(skeleton.islet.buffer(-6).exterior.coords)),
    ]

