"""Where units of a draft lie, in words: people know estates, grids and points of the compass, but no codes of units."""

from collections.abc import Mapping
from math import atan2, tau

import numpy as np
import shapely

from gis_service.errors import Text
from gis_service.geo.coverage import GeometryArray, IndexArray
from gis_service.plan.draft import UNASSIGNED, Draft
from gis_service.plan.spacing import set_apart

_SIDES = (
    Text("东侧", "eastern side"),
    Text("东北侧", "north-eastern side"),
    Text("北侧", "northern side"),
    Text("西北侧", "north-western side"),
    Text("西侧", "western side"),
    Text("西南侧", "south-western side"),
    Text("南侧", "southern side"),
    Text("东南侧", "south-eastern side"),
)
"""By eighths of a turn, counterclockwise from the east."""


def place_of(draft: Draft, units: IndexArray, estates: Mapping[str, str]) -> Text:
    """Return where some units lie: by their only estate, else by the grids they have the longest borders to.

    Parameters
    ----------
    draft
        The draft.
    units
        Positions of units that hang together, at least one.
    estates
        Names of estates by id; others are called by their ids.
    """
    here = draft.land.estate_id[units].tolist()
    own = {estate for estate in here if estate}
    if len(own) == 1:
        name = estates.get(*own, *own)
        return (
            Text(f"小区“{name}”一带", f"around estate {name}")
            if not all(here)
            else Text(f"小区“{name}”内", f"in estate {name}")
        )
    length_m = border_lengths(draft, units)
    keys = sorted(
        (key for key in length_m if key != UNASSIGNED and length_m[key] > 0.0), key=lambda k: (-length_m[k], k)
    )
    beside = [draft.grids[key].label for key in keys[:2]]
    if not beside:
        return Text("社区内", "in the community")
    if len(beside) == 1:
        return Text(set_apart(beside[0].zh, "旁"), f"beside {beside[0].en}")
    one, other = beside
    return Text(set_apart(one.zh, "与", other.zh, "之间"), f"between {one.en} and {other.en}")


def side_of(polygons: GeometryArray, units: IndexArray) -> Text:
    """Return on which side of all the land some units lie, by the centres of both.

    Parameters
    ----------
    polygons
        Extents of all units of a community, in a metric CRS (x = easting, y = northing).
    units
        Positions of some of them, at least one.
    """
    centre = shapely.get_coordinates(shapely.centroid(polygons))
    weight = shapely.area(polygons)[:, None]
    east, north = (centre * weight)[units].sum(0) / weight[units].sum() - (centre * weight).sum(0) / weight.sum()
    return _SIDES[round(8 * atan2(north, east) / tau) % 8]


def border_lengths(draft: Draft, units: IndexArray) -> dict[int, float]:
    """Return how long a border some units share with each grid, by its key, and with land of none [m].

    Neighbours across a gap count with a length of 0.
    """
    inside = np.zeros(len(draft.land), dtype=bool)
    inside[units] = True
    borders, labels = draft.land.borders, draft.labels
    length_m: dict[int, float] = {}
    for one, other in ((borders.left, borders.right), (borders.right, borders.left)):
        rows = np.flatnonzero(inside[one] & ~inside[other])
        for key, metres in zip(labels[other[rows]].tolist(), borders.length_m[rows].tolist(), strict=True):
            length_m[key] = length_m.get(key, 0.0) + metres
    return length_m
