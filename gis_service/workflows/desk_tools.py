"""The desk's tools: each finds an operation for a draft, which is then done like any other."""

from collections.abc import Sequence

import shapely
from pyproj import Transformer

from gis_service.db import approved_plans, barriers, buildings, drafts
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.crs import STORED_CRS
from gis_service.partition.hand_tools import balance_two, fix_grid
from gis_service.partition.split_line import LineCut, split_line
from gis_service.plan.operation_records import operation_of
from gis_service.plan.operations import Assign
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_states import buildings_of_pieces

MOST_POINTS = 1_000
"""Points a drawn line may have."""


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
    city = opened.city
    if not 2 <= len(line) <= MOST_POINTS:  # noqa: PLR2004 a line has two ends
        raise InputError(
            Text(f"线应有 2 到 {MOST_POINTS} 个点", f"a line has 2 to {MOST_POINTS} points; it has {len(line)}")
        )
    to_metric = Transformer.from_crs(STORED_CRS, city.metric_crs, always_xy=True)
    drawn = shapely.LineString([to_metric.transform(float(lon), float(lat)) for lon, lat in line])
    community = opened.record.community_code
    placed = buildings.load_buildings(conn, city, community)
    unit_of = _units_of_buildings(conn, opened)
    return split_line(
        opened.draft.land,
        drawn,
        placed.assign(unit=placed["id"].map(unit_of)),
        barriers.load_barriers(conn, city),
        units=units,
        taken=approved_plans.unit_codes(conn, city, community),
    )


def balanced(opened: OpenDraft, one: int, other: int) -> Assign:
    """Return the least change between two neighbours, see :func:`gis_service.partition.hand_tools.balance_two`."""
    return balance_two(opened.draft, one, other, opened.rules)


def fixed(opened: OpenDraft, grid: int) -> Assign:
    """Return the least change that mends a grid, see :func:`gis_service.partition.hand_tools.fix_grid`."""
    return fix_grid(opened.draft, grid, opened.rules)


def _units_of_buildings(conn: Connection, opened: OpenDraft) -> dict[str, str]:
    """Return the code of the draft's unit in which each building stands, by the building's id."""
    base = drafts.load_base_units(conn, opened.city, opened.record)
    code = base.units["code"].to_numpy()
    unit_of = {
        str(building): str(code[unit])
        for building, unit in base.unit_buildings[["building_id", "unit"]].itertuples(index=False)
    }
    for entry in drafts.load_entries(conn, numbers=opened.record.done):
        for piece, held in buildings_of_pieces(operation_of(entry.record)):
            unit_of |= dict.fromkeys(held, piece)
    return unit_of
