"""The town as a whole: skeleton, streets, parcels, villages, communities."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from demo_city.landuse import Wish, assign_uses
from demo_city.lines import WIDTH_M, CrossField, Street, between, spline
from demo_city.names import street_names
from demo_city.parcels import Parcel, build, build_village, private_land
from demo_city.skeleton import Skeleton, blob, draw_skeleton
from demo_city.streets import grow_streets

VILLAGES = (
    ((1500.0, 70.0), (175.0, 120.0)),
    ((1490.0, 650.0), (140.0, 80.0)),
    ((905.0, -1330.0), (150.0, 85.0)),
    ((-1390.0, -95.0), (105.0, 65.0)),
    ((-705.0, 1330.0), (130.0, 75.0)),
)
"""Centre, and half axes along and across the road, of each village [m]."""


@dataclass(frozen=True)
class Town:
    """Everything drawn, before people move in."""

    skeleton: Skeleton
    streets: list[Street]
    paths: list[Street]
    parcels: list[Parcel]
    granted: dict[int, Wish]
    villages: list[tuple[Parcel, Street]]


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
    villages = [_village(place, half_axes_m, skeleton, cross, rng) for place, half_axes_m in VILLAGES]
    parcels += [parcel for parcel, _ in villages]
    paths = [path for parcel in parcels for path in parcel.paths]
    paths += _hill_paths(skeleton) + _footbridges(skeleton)
    return Town(skeleton, streets, paths, parcels, granted, villages)


def _village(
    place: tuple[float, float],
    half_axes_m: tuple[float, float],
    skeleton: Skeleton,
    cross: CrossField,
    rng: np.random.Generator,
) -> tuple[Parcel, Street]:
    """Return the village on the main road nearest to a place, and that road."""
    road = min(skeleton.roads, key=lambda road: road.line.distance(Point(place)))
    at = road.line.project(Point(place))
    before, middle, after = (road.line.interpolate(at + shift) for shift in (-20.0, 0.0, 20.0))
    angle = float(np.arctan2(after.y - before.y, after.x - before.x))
    face = blob((middle.x, middle.y), half_axes_m, angle, rng)
    return build_village(face, road, cross, rng), road


def _hill_paths(skeleton: Skeleton) -> list[Street]:
    """Return the path over the hill outside the western ring road."""
    ring = next(road.line for road in skeleton.roads if road.name == "绕城西路")
    climb = spline([(-1150, 560), (-1290, 660), (-1370, 830), (-1280, 960), (-1240, 1060), (-1100, 1010), (-950, 960)])
    outside = climb.difference(Polygon(ring.coords))
    hill = [part for part in shapely.get_parts(outside) if part.length > 50.0]
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
