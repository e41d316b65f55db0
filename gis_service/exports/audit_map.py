"""The printed map of coverage: regions shaded by the share within the cut-off, gaps hatched, each with its figure."""

import geopandas as gpd
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from gis_service.exports.about import About
from gis_service.exports.fonts import Face
from gis_service.exports.palette import COMMUNITY
from gis_service.exports.plan_map import (
    DOTS_PER_INCH,
    FOOT_MM,
    KEYS,
    LONGEST_MM,
    MM_PER_INCH,
    NAMED_COMMUNITIES,
    WIDTH_MM,
    draw_outlines,
    extent_of,
    finished_png,
    font_of,
    write_label,
)

CLASSES = ((0.2, "#edf3f8"), (0.4, "#c3d8e8"), (0.6, "#8bb4d3"), (0.8, "#4f87b3"), (1.01, "#1f567f"))
"""Upper bounds (exclusive) of shares and their fills, from few to many: one hue from light to dark, as on the pages."""
UNKNOWN = "#eeeae2"
GAP = "#bf2443"


def coverage_map(areas: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame, *, about: About, face: Face) -> bytes:
    """Return the map as PNG.

    Parameters
    ----------
    areas
        At least one region: ``name``, ``share`` covered (nan: unknown), ``geometry`` in a metric CRS [m], y = north.
    gaps
        ``rank``, ``geometry``, same CRS.
    about
        Date, synthetic mark and 审图号.
    face
        A face that has every character to be written.
    """
    box = extent_of(areas)
    height_mm = min(LONGEST_MM, WIDTH_MM * box.height / box.width + FOOT_MM)
    figure = Figure(figsize=(WIDTH_MM / MM_PER_INCH, height_mm / MM_PER_INCH), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    foot = FOOT_MM / height_mm
    axes = figure.add_axes((0.0, foot, 1.0, 1.0 - foot))
    axes.set(xlim=(box.x0, box.x1), ylim=(box.y0, box.y1), aspect="equal", xticks=(), yticks=())
    for share, shape in zip(areas["share"], areas.geometry, strict=True):
        draw_outlines(
            axes, np.array([shape], dtype=object), facecolor=fill_of(share), edgecolor=COMMUNITY, linewidth=0.9
        )
    draw_outlines(
        axes, gaps.geometry.to_numpy(), facecolor="none", edgecolor=GAP, hatch="\\\\\\", linewidth=0.9,
        hatch_linewidth=0.6, linestyle="--", zorder=4,
    )  # fmt: skip
    if len(areas) <= NAMED_COMMUNITIES:
        for name, share, shape in zip(areas["name"], areas["share"], areas.geometry, strict=True):
            told = "无数据" if share != share else f"{share:.1%}"  # noqa: PLR0124 nan is not itself
            write_label(axes, shape, f"{name}\n{told}", font_of(face, 7), zorder=6)
    keys = [
        Patch(facecolor=fill, edgecolor=COMMUNITY, label=f"{20 * place}–{20 * (place + 1)}%")
        for place, (_, fill) in enumerate(CLASSES)
    ]
    if areas["share"].isna().any():
        keys.append(Patch(facecolor=UNKNOWN, edgecolor=COMMUNITY, label="无数据"))
    keys.append(Patch(facecolor="none", edgecolor=GAP, hatch="\\\\\\", linestyle="--", label="盲区"))
    figure.legend(
        handles=keys, loc="center left", bbox_to_anchor=(-0.004, foot * KEYS), ncols=len(keys), frameon=False,
        prop=font_of(face, 8), columnspacing=1.2, handlelength=2.2, handletextpad=0.5,
    )  # fmt: skip
    return finished_png(figure, axes, about, face, foot)


def fill_of(share: float) -> str:
    """Return the fill of a share; nan is unknown."""
    return next((fill for bound, fill in CLASSES if share < bound), UNKNOWN)
