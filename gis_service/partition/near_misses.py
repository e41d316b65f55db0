"""Lines that end just short of another line, led on to it."""

import numpy as np
import shapely

from gis_service.geo.coverage import GeometryArray
from gis_service.partition.linework import OVERSHOOT_M

MISS_M = 1.0
"""A line that ends this near to another one was meant to reach it [m, inclusive]."""
TOUCH_M = 1e-7
"""An end this near to another line touches it [m, inclusive]."""


def led_on(lines: GeometryArray, others: GeometryArray) -> GeometryArray:
    """Return the gaps between the ends of lines and what they were meant to reach.

    Parameters
    ----------
    lines
        LineStrings and MultiLineStrings in metres.
    others
        More lines that ends may be meant to reach, such as the border of the land.

    Returns
    -------
    array of LineString
        From every end that touches nothing straight to the nearest other line within `MISS_M`, and `OVERSHOOT_M` on.
    """
    parts = shapely.get_parts(lines)
    parts = parts[~shapely.is_empty(parts) & ~shapely.is_closed(parts)]
    targets = np.concatenate((parts, others))
    ends = np.concatenate((shapely.get_point(parts, 0), shapely.get_point(parts, -1)))
    end, target = shapely.STRtree(targets).query(ends, predicate="dwithin", distance=MISS_M)
    foreign = target != end % max(len(parts), 1)
    end, target = end[foreign], target[foreign]
    gap_m = shapely.distance(ends[end], targets[target])
    order = np.lexsort((target, gap_m, end))
    nearest = order[np.unique(end[order], return_index=True)[1]]
    nearest = nearest[gap_m[nearest] > TOUCH_M]
    xy = shapely.get_coordinates(shapely.shortest_line(ends[end[nearest]], targets[target[nearest]])).reshape(-1, 2, 2)
    xy[:, 1] += (xy[:, 1] - xy[:, 0]) * (OVERSHOOT_M / gap_m[nearest])[:, None]
    return np.asarray(shapely.linestrings(xy), dtype=object)
