"""The maps of a plan on A3 or A4: old and new side by side, then each by itself."""

from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.community_map import MapContent, Show, community_map
from gis_service.exports.fonts import Face, missing_from
from gis_service.exports.plan_paper import PlanPaper
from gis_service.exports.printing import data_address, face_of, printable, write_pdf
from gis_service.geo.coverage import GeometryArray
from gis_service.plan.spacing import set_apart

Size = Literal["A3", "A4"]
TEMPLATE = "plan_maps.html"
SHEETS_MM: dict[Size, tuple[float, float]] = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
"""Width and height of a sheet in landscape."""
MARGIN_MM, HEAD_MM, GAP_MM = 10.0, 17.0, 4.0
_NOTHING: GeometryArray = np.empty(0, dtype=object)


def write_plan_maps(path: Path, paper: PlanPaper, size: Size) -> None:
    """Write the maps of a plan.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    paper
        The plan. With nothing to compare with there is one sheet, else three.
    size
        ``A3`` or ``A4``, in landscape.

    Raises
    ------
    InputError
        The suffix is not ``.pdf`` or the folder does not exist.
    SetupError
        No Chinese font is installed.
    """
    face = face_of(paper)
    wide, high = SHEETS_MM[size]
    wide, high = wide - 2 * MARGIN_MM, high - 2 * MARGIN_MM - HEAD_MM
    west, south, east, north = paper.grids.total_bounds.tolist()
    box = (west, south, east, north)
    now = map_content(paper, paper.grids, _NOTHING, face)
    pages = [_page("网格划分图", paper, [("", _picture(now, "status", wide, high, face, box))])]
    if paper.before is not None:
        half = (wide - GAP_MM) / 2
        then = map_content(paper, paper.before.grids, _NOTHING, face)
        changed = map_content(paper, paper.grids, paper.before.moved.geometry.to_numpy(), face)
        both = [
            (f"调整前：{paper.before.title}", _picture(then, "changes", half, high - 7, face, box)),
            (f"调整后：{paper.title}", _picture(changed, "changes", half, high - 7, face, box)),
        ]
        pages.insert(0, _page("新旧网格对照图", paper, both, paper.before.sentence))
        pages.append(
            _page("调整前网格图", paper, [("", _picture(then, "status", wide, high, face, box))], paper.before.title)
        )
    content = {"pages": pages, "size": size, "margin": MARGIN_MM, "gap": GAP_MM, "head": HEAD_MM}
    write_pdf(path, TEMPLATE, content | {"mark": SYNTHETIC_MARK if paper.about.synthetic else ""}, face)


def map_content(paper: PlanPaper, grids: gpd.GeoDataFrame, moved: GeometryArray, face: Face) -> MapContent:
    """Return what a map of some of a paper's grids shows, in characters that the face has."""
    texts = [*grids["label"], *paper.lines["name"].dropna(), paper.about.map_approval]
    missing = missing_from(face, texts)
    return MapContent(
        grids=grids.assign(label=[printable(label, missing) for label in grids["label"]]),
        buildings=paper.buildings,
        lines=paper.lines.assign(name=[printable(name, missing) for name in paper.lines["name"]]),
        moved=moved,
        about=paper.about,
    )


def _picture(
    content: MapContent, show: Show, width_mm: float, height_mm: float, face: Face, box: Any
) -> dict[str, Any]:
    held = tuple(float(side) for side in box)
    assert len(held) == 4  # noqa: S101, PLR2004 west, south, east, north
    png = community_map(content, show=show, width_mm=width_mm, height_mm=height_mm, face=face, box=held)
    return {"address": data_address(png), "width": width_mm, "height": height_mm}


def _page(name: str, paper: PlanPaper, maps: list[tuple[str, dict[str, Any]]], remark: str = "") -> dict[str, Any]:
    count = f"{len(paper.grids)} 个网格　{int(paper.grids['households'].sum()):,} 户"
    return {
        "title": set_apart(paper.full_name, name),
        "remark": remark or f"{paper.title}　{paper.state}　{count}",
        "maps": [{"caption": caption, **picture} for caption, picture in maps],
    }
