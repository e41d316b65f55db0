"""Buildings in the way of a drawn line, with the room that the line leaves around them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import AREAL, FloatArray, GeometryArray, IndexArray
from gis_service.partition.footprints import OVERLAP_M2, gather_clusters

CLEARANCE_M = 2.0
"""A line bends around a building at this distance, if there is as much room [m]."""
CLEARANCE_SHARE = 0.3
"""Share of the distance to the nearest other building that a line keeps at most; mitres make it less than half."""
MITRE = 1.5
"""Corners of the room reach out this many times its width, at most."""
GRAZE_M = 0.01
"""A line less than this deep inside a footprint runs along its wall, unless it cuts off more than `OVERLAP_M2` [m]."""


@dataclass(frozen=True)
class Obstacles:
    """The buildings of some units, gathered into clusters that no line may divide.

    Parameters
    ----------
    member
        Cluster of each building.
    unit
        Position of each building's unit.
    footprint
        Polygon or point of each cluster.
    unit_of
        Position of each cluster's unit.
    crossed
        True for clusters that the line would cut; those that stand outside their unit are in nobody's way.
    room
        Land around each crossed cluster that stays with it; empty for the others.
    """

    member: IndexArray
    unit: IndexArray
    footprint: GeometryArray
    unit_of: IndexArray
    crossed: NDArray[np.bool_]
    room: GeometryArray


def obstacles_of(
    buildings: GeometryArray, unit: IndexArray, polygons: GeometryArray, line: shapely.LineString
) -> Obstacles:
    """Return what stands in the way of a line.

    Parameters
    ----------
    buildings
        Polygon, MultiPolygon or Point of each building [m], sorted by id.
    unit
        Position in ``polygons`` of each building's unit.
    polygons
        Every unit of the community.
    line
        The drawn line.

    Returns
    -------
    Obstacles
        Clusters as when the units were cut (:func:`gis_service.partition.footprints.gather_clusters`), unit by unit.
        The rooms of two clusters never overlap.
    """
    member = np.full(len(buildings), -1)
    footprints: list[shapely.Geometry] = []
    gaps: list[float] = []
    owners: list[int] = []
    for at in np.unique(unit).tolist():
        here = np.flatnonzero(unit == at)
        clusters = gather_clusters(buildings[here], polygons[at])
        member[here] = len(footprints) + clusters.member
        footprints += clusters.footprint.tolist()
        gaps += clusters.gap_m.tolist()
        owners += [at] * len(clusters.footprint)
    footprint = np.empty(len(footprints), dtype=object)
    footprint[:] = footprints
    room_m = np.minimum(CLEARANCE_M, CLEARANCE_SHARE * np.array(gaps, dtype=np.float64))
    owner = np.array(owners, dtype=np.int64)
    crossed = _crossed(footprint, room_m, line)
    room = np.full(len(footprint), shapely.Polygon(), dtype=object)
    grown = shapely.buffer(footprint[crossed], room_m[crossed], join_style="mitre", mitre_limit=MITRE, quad_segs=2)
    room[crossed] = shapely.intersection(grown, polygons[owner[crossed]])
    return Obstacles(member, unit, footprint, owner, crossed & ~shapely.is_empty(room), room)


def _crossed(footprint: GeometryArray, room_m: FloatArray, line: shapely.LineString) -> NDArray[np.bool_]:
    areal = shapely.get_dimensions(footprint) == AREAL
    core = np.where(areal, shapely.buffer(footprint, -GRAZE_M), footprint)
    reach_m = np.where(areal, 0.0, room_m / 2)
    crossed: NDArray[np.bool_] = shapely.distance(core, line) <= reach_m
    for at in np.flatnonzero(areal & ~crossed & shapely.intersects(footprint, line)):
        crossed[at] = _cut_off_m2(footprint[at], line) > OVERLAP_M2 / 2
    return crossed


def _cut_off_m2(footprint: shapely.Geometry, line: shapely.LineString) -> float:
    """Return the area of a footprint [m²] that a line parts from the largest piece it leaves."""
    parts = shapely.get_parts(shapely.polygonize([shapely.union(shapely.boundary(footprint), line)]))
    area_m2 = shapely.area(shapely.intersection(parts, footprint))
    return float(area_m2.sum() - area_m2.max(initial=0.0))
