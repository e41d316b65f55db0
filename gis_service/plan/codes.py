"""Grid codes: community code and running number, in reading order from the north-west."""

from collections.abc import Collection

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.plan.code_pattern import LAST_SEQUENCE, format_code
from gis_service.plan.rules import Rules


def reading_order(polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the positions of polygons in reading order: rows from the north, within a row from the west.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in a metric CRS (x = easting, y = northing).

    Returns
    -------
    array of int64
        Rows are as high as the polygons are on average: the northernmost centroid begins a row, and every centroid
        less than that height south of it belongs to it. The order does not depend on how the polygons were listed,
        unless two have centroid and area in common.
    """
    if len(polygons) == 0:
        return np.zeros(0, np.int64)
    x, y = shapely.get_x(shapely.centroid(polygons)), shapely.get_y(shapely.centroid(polygons))
    bounds = shapely.bounds(polygons)
    height_m = float(np.mean(np.sort(bounds[:, 3] - bounds[:, 1])))
    row = np.zeros(len(polygons), np.int64)
    southwards = np.argsort(-y, kind="stable")
    top, current = y[southwards[0]], 0
    for position in southwards:
        if top - y[position] >= height_m > 0:
            top, current = y[position], current + 1
        row[position] = current
    order: NDArray[np.int64] = np.lexsort((shapely.area(polygons), -y, x, row))
    return order


def codes_of(community_code: str, rules: Rules) -> dict[str, int]:
    """Return every code a grid of a community may have, with its running number, ascending (1-999)."""
    numbers = range(1, LAST_SEQUENCE + 1)
    return {format_code(rules.code_pattern, community_code, number): number for number in numbers}


def number_grids(
    polygons: NDArray[np.object_], community_code: str, rules: Rules, taken: Collection[str] = ()
) -> list[str]:
    """Return a code for every grid of a community.

    Parameters
    ----------
    polygons
        The grids, in a metric CRS.
    community_code
        Code of their community.
    rules
        Holds the code pattern.
    taken
        Codes that are in use or have been; they are never given again.

    Returns
    -------
    list of str
        In the order of ``polygons``; running numbers ascend in reading order, see :func:`reading_order`.

    Raises
    ------
    InputError
        More grids than free running numbers (1-999).
    """
    used = set(taken)
    free = [code for code in codes_of(community_code, rules) if code not in used]
    if len(polygons) > len(free):
        raise InputError(
            Text(
                f"社区 {community_code} 有 {len(polygons)} 个网格需要编码，但三位序号只剩 {len(free)} 个可用；"
                "请先拆分该社区",
                f"{len(polygons)} grids of community {community_code} need a code but only {len(free)} running numbers "
                "of three digits are free; split the community first",
            )
        )
    return [free[rank] for rank in np.argsort(reading_order(polygons))]
