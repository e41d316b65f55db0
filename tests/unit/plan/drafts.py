"""Drafts of square units drawn by hand."""

import numpy as np

from gis_service.partition.draft_land import draft_land
from gis_service.plan.draft import DraftGrid, draft_of
from tests.unit.partition.lattices import barriers, lattice, units_frame


def draft_cells(columns, rows, labels, households, *, grids=None, lines=(), **more):
    """Return a draft of square units of 100 m; unit ``u0001`` is the north-western one."""
    return draft_squares(lattice(columns, rows), labels, households, grids=grids, lines=lines, **more)


def draft_squares(cells, labels, households, *, grids=None, lines=(), **more):
    """Return a draft of square units of 100 m at (column, row); row 0 is the northernmost."""
    counts = [households] * len(cells) if isinstance(households, int) else households
    land = draft_land(units_frame(cells, counts, **more), barriers(*lines))
    keys = sorted({label for label in labels if label >= 0})
    known = [DraftGrid(key, code=f"35098200100700{key + 1}", name=f"第{key + 1}网格") for key in keys]
    return draft_of(land, np.array(labels), known if grids is None else grids)
