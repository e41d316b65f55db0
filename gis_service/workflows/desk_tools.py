"""The desk's tools: each finds an operation for a draft, which is then done like any other."""

from collections.abc import Sequence
from math import inf

import geopandas as gpd
import shapely
from pyproj import Transformer

from gis_service.db import approved_plans, barriers, buildings
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.crs import STORED_CRS
from gis_service.partition.hand_tools import balance_two, fix_grid
from gis_service.partition.split_grid import GridSplit, split_grid
from gis_service.partition.split_line import LineCut, split_line
from gis_service.plan.operations import Assign
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_buildings import unit_of_buildings

MOST_POINTS = 1_000
"""Points a drawn line may have."""
LONGEST = 4.0
"""How often a drawn line might run around the community's box; one scribbled all over it takes minutes to cut."""


def cut_by_line(
    conn: Connection, opened: OpenDraft, line: Sequence[Sequence[float]], *, units: Sequence[str] | None = None
) -> LineCut:
    """Return the cut of the units that a drawn line divides.

    Parameters
    ----------
    conn
        Transaction.
    opened
        The draft.
    line
        Longitude and latitude of each point, in degrees.
    units
        Codes of the units that may be cut; None: all.

    Raises
    ------
    InputError
        It is no line, or divides no unit.
    """
    city, community = opened.city, opened.record.community_code
    return split_line(
        opened.draft.land,
        _drawn(opened, line),
        _placed(conn, opened),
        barriers.load_barriers(conn, city),
        units=units,
        taken=approved_plans.unit_codes(conn, city, community),
    )


def divided(conn: Connection, opened: OpenDraft, grid: int, line: Sequence[Sequence[float]]) -> GridSplit:
    """Return the division of a grid by a drawn line, see :func:`gis_service.partition.split_grid.split_grid`.

    Parameters
    ----------
    conn, opened, line
        As for :func:`cut_by_line`.
    grid
        Key of the grid.

    Raises
    ------
    InputError
        It is no line, does not divide the grid, or the grid is unknown or locked.
    """
    city, community = opened.city, opened.record.community_code
    return split_grid(
        opened.draft,
        grid,
        _drawn(opened, line),
        _placed(conn, opened),
        barriers.load_barriers(conn, city),
        taken=approved_plans.unit_codes(conn, city, community),
    )


def balanced(opened: OpenDraft, one: int, other: int) -> Assign:
    """Return the least change between two neighbours, see :func:`gis_service.partition.hand_tools.balance_two`."""
    return balance_two(opened.draft, one, other, opened.rules)


def fixed(opened: OpenDraft, grid: int) -> Assign:
    """Return the least change that mends a grid, see :func:`gis_service.partition.hand_tools.fix_grid`."""
    return fix_grid(opened.draft, grid, opened.rules)


def _drawn(opened: OpenDraft, line: Sequence[Sequence[float]]) -> shapely.LineString:
    """Return a drawn line in the city's metric CRS."""
    if not 2 <= len(line) <= MOST_POINTS:  # noqa: PLR2004 a line has two ends
        raise InputError(
            Text(f"线应有 2 到 {MOST_POINTS} 个点", f"a line has 2 to {MOST_POINTS} points; it has {len(line)}")
        )
    to_metric = Transformer.from_crs(STORED_CRS, opened.city.metric_crs, always_xy=True)
    drawn = shapely.LineString([to_metric.transform(float(lon), float(lat)) for lon, lat in line])
    longest_m = LONGEST * shapely.box(*shapely.total_bounds(opened.draft.land.polygon)).length
    if longest_m < drawn.length < inf:
        raise InputError(
            Text(
                f"画的线长 {drawn.length / 1000:.1f} 公里，在这个社区最长 {longest_m / 1000:.1f} 公里；请分几段画",
                f"the line is {drawn.length / 1000:.1f} km long, {longest_m / 1000:.1f} km at most in this community; "
                "draw it in parts",
            )
        )
    return drawn


def _placed(conn: Connection, opened: OpenDraft) -> gpd.GeoDataFrame:
    """Return the buildings of the community, each with the code of its unit."""
    placed = buildings.load_buildings(conn, opened.city, opened.record.community_code)
    return placed.assign(unit=placed["id"].map(unit_of_buildings(conn, opened)))
