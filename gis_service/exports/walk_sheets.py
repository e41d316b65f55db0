"""Sheets for the walk through the community (踏勘核对单): one A4 a grid, with its map and lines for corrections."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.community_map import community_map
from gis_service.exports.plan_maps import map_content
from gis_service.exports.plan_paper import PlanPaper, buildings_of, estates_of
from gis_service.exports.printing import data_address, face_of, write_pdf
from gis_service.plan.rules import KIND_LABELS, STATUS_LABELS, TEST_LABELS, judge

TEMPLATE = "walk_sheets.html"
MAP_MM = (180.0, 128.0)
_NOTHING = np.empty(0, dtype=object)

Told = Callable[[int, int], None]
"""Told how many sheets are drawn, and how many there are."""


def write_walk_sheets(path: Path, paper: PlanPaper, told: Told, codes: Collection[str] | None = None) -> None:
    """Write the sheets of the grids of a plan.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    paper
        The plan.
    told
        Told after each map.
    codes
        Only the grids of these codes get a sheet; None: all.

    Raises
    ------
    InputError
        The suffix is not ``.pdf`` or the folder does not exist.
    SetupError
        No Chinese font is installed.
    """
    face = face_of(paper)
    content = map_content(paper, paper.grids, _NOTHING, face)
    rows = [
        (row, grid) for row, grid in enumerate(paper.grids.to_dict("records")) if codes is None or grid["code"] in codes
    ]
    sheets = []
    for row, grid in rows:
        png = community_map(content, show="one", width_mm=MAP_MM[0], height_mm=MAP_MM[1], face=face, only=row)
        sheets.append(_sheet(paper, grid) | {"map": data_address(png)})
        told(len(sheets), len(rows))
    about = paper.about
    write_pdf(
        path,
        TEMPLATE,
        {
            "sheets": sheets,
            "community": paper.full_name,
            "title": paper.title,
            "state": paper.state,
            "date": about.data_date.isoformat(),
            "operator": about.operator,
            "mark": SYNTHETIC_MARK if about.synthetic else "",
            "map_mm": MAP_MM,
        },
        face,
    )


def _sheet(paper: PlanPaper, grid: dict[Any, Any]) -> dict[str, Any]:
    residents = None if pd.isna(grid["residents"]) else int(grid["residents"])
    verdict = judge(grid["households"], residents, grid["kind"], paper.rules)
    members = paper.members(grid["code"])
    tests = f"户数{TEST_LABELS[verdict.households_test].zh}、人数{TEST_LABELS[verdict.residents_test].zh}"
    tested = verdict.households_test != "exempt"
    return {
        "code": grid["code"],
        "name": grid["name"],
        "label": grid["label"],
        "kind": KIND_LABELS[grid["kind"]].zh,
        "households": f"{grid['households']:,} 户",
        "residents": "人数未知" if residents is None else f"{residents:,} 人",
        "status": STATUS_LABELS[verdict.status].zh + (f"（{tests}）" if tested else ""),
        "bounds": grid["bounds"],
        "area": f"{float(shapely.area(grid['geometry'])) / 10_000:.1f} 公顷",
        "estates": estates_of(members) or "无",
        "buildings": buildings_of(members) or "无",
        "count": len(members),
        "note": grid["note"],
    }
