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


def number_grids(
    polygons: NDArray[np.object_], community_code: str, rules: Rules, taken: Collection[str] = ()
) -> tuple[list[str], list[int]]:
    """Return a code and a running number for every grid of a community.

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
    codes, numbers
        In the order of ``polygons``; numbers ascend in reading order, see :func:`reading_order`.

    Raises
    ------
    InputError
        More grids than free running numbers (1-999).
    """
    used = set(taken)
    pattern = rules.code_pattern
    free = [k for k in range(1, LAST_SEQUENCE + 1) if format_code(pattern, community_code, k) not in used]
    if len(polygons) > len(free):
        raise InputError(
            Text(
                f"社区 {community_code} 有 {len(polygons)} 个网格，但三位序号只剩 {len(free)} 个可用；请先拆分该社区",
                f"community {community_code} has {len(polygons)} grids but only {len(free)} running numbers of three "
                "digits are free; split the community first",
            )
        )
    numbers = [0] * len(polygons)
    for number, position in zip(free, reading_order(polygons), strict=False):
        numbers[position] = number
    return [format_code(pattern, community_code, number) for number in numbers], numbers
