"""The printed map of a plan: grids by status with hatches, legend, scale bar, north arrow and date."""

from io import BytesIO
from math import floor, log10

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontPath, FontProperties
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from gis_service.exports.about import SYNTHETIC_MARK, About
from gis_service.exports.fonts import Face
from gis_service.exports.palette import BUILDING, COMMUNITY, INK, STATUS_STYLES, WARNING
from gis_service.plan.rules import STATUS_LABELS

WIDTH_MM, LONGEST_MM = 180.0, 215.0
DOTS_PER_INCH = 220
MARGIN_SHARE = 0.04
NUMBERED_GRIDS = 200
"""Above this many grids their numbers would cover the map, and only communities are named."""
NAMED_COMMUNITIES = 80
"""Above this many communities their names would cover the map."""

NO_APPROVAL = "未标审图号，仅供内部工作使用"
MM_PER_INCH = 25.4
FOOT_MM = 17.0
KEYS, NOTES = 0.62, 0.18


def plan_map(grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, about: About, face: Face) -> bytes:
    """Return the map as PNG.

    Parameters
    ----------
    grids
        At least one, with ``code``, ``status``, ``community_code``, ``community_name``, ``geometry`` in a metric CRS
        [m], y = north.
    buildings
        ``geometry``, same CRS.
    about
        Title, date, synthetic mark and 审图号.
    face
        A face that has every character to be written.
    """
    grids = grids.sort_values("code", ignore_index=True)
    box = extent_of(grids)
    height_mm = min(LONGEST_MM, WIDTH_MM * box.height / box.width + FOOT_MM)
    figure = Figure(figsize=(WIDTH_MM / MM_PER_INCH, height_mm / MM_PER_INCH), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    foot = FOOT_MM / height_mm
    axes = figure.add_axes((0.0, foot, 1.0, 1.0 - foot))
    axes.set(xlim=(box.x0, box.x1), ylim=(box.y0, box.y1), aspect="equal", xticks=(), yticks=())
    _draw_grids(axes, grids)
    draw_outlines(axes, buildings.geometry.to_numpy(), facecolor=BUILDING, edgecolor="none", alpha=0.55, zorder=3)
    _draw_communities(axes, grids, face)
    _draw_numbers(axes, grids, face)
    _draw_legend(figure, grids, face, foot)
    return finished_png(figure, axes, about, face, foot)


def finished_png(figure: Figure, axes: Axes, about: About, face: Face, foot: float) -> bytes:
    """Return a map as PNG, with scale, data date and map approval in its foot and the mark of synthetic data across."""
    draw_scale(figure, axes, face, foot)
    write_foot(figure, about, face, foot)
    if about.synthetic:
        axes.text(
            0.5, 0.5, SYNTHETIC_MARK, transform=axes.transAxes, ha="center", va="center", rotation=30,
            color=WARNING, alpha=0.13, zorder=9, fontproperties=font_of(face, 54),
        )  # fmt: skip
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH)
    return stream.getvalue()


def scale_length_m(width_m: float) -> float:
    """Return a round length [m] for a scale bar: the largest of 1, 2, 5 · 10ⁿ within a quarter of the map's width."""
    longest = width_m / 4
    power = 10.0 ** floor(log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)


def extent_of(grids: gpd.GeoDataFrame) -> Bbox:
    """Return the box of some grids with a margin [m]."""
    x0, y0, x1, y1 = grids.total_bounds
    margin = MARGIN_SHARE * max(x1 - x0, y1 - y0)
    return Bbox.from_extents(x0 - margin, y0 - margin, x1 + margin, y1 + margin)


def _draw_grids(axes: Axes, grids: gpd.GeoDataFrame) -> None:
    for status, style in STATUS_STYLES.items():
        shapes = grids[grids["status"] == status].geometry.to_numpy()
        draw_outlines(
            axes,
            shapes,
            facecolor=style.fill,
            edgecolor=style.edge,
            hatch=style.hatch,
            linewidth=0.6,
            hatch_linewidth=0.5,
        )


def _draw_communities(axes: Axes, grids: gpd.GeoDataFrame, face: Face) -> None:
    named = grids["community_code"].nunique() <= NAMED_COMMUNITIES
    for _, own in grids.groupby("community_code"):
        shape = shapely.union_all(own.geometry.to_numpy())
        width = 1.4 if named else 0.7
        draw_outlines(axes, np.array([shape]), facecolor="none", edgecolor=COMMUNITY, linewidth=width, zorder=4)
        if named:
            write_label(axes, shape, str(own["community_name"].iloc[0]), font_of(face, 8.5), zorder=6)


def _draw_numbers(axes: Axes, grids: gpd.GeoDataFrame, face: Face) -> None:
    if len(grids) > NUMBERED_GRIDS:
        return
    for code, community, shape in zip(grids["code"], grids["community_code"], grids.geometry, strict=True):
        write_label(axes, shape, str(code).removeprefix(str(community)), font_of(face, 5.5), zorder=5)


def write_label(axes: Axes, shape: shapely.Geometry, text: str, font: FontProperties, *, zorder: int) -> None:
    """Write a text where a point inside a shape is."""
    point = shapely.point_on_surface(shape)
    axes.text(
        point.x, point.y, text, ha="center", va="center", color=INK, zorder=zorder, fontproperties=font,
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
    )  # fmt: skip


def draw_outlines(axes: Axes, shapes: NDArray[np.object_], **style: object) -> None:
    """Draw polygons, holes left out, in one style."""
    for polygon in shapely.get_parts(shapes):
        if shapely.get_type_id(polygon) == shapely.GeometryType.POLYGON:
            rings = shapely.get_rings(polygon)
            outline = Outline.make_compound_path(
                *(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings)
            )
            axes.add_patch(PathPatch(outline, **style))


def _draw_legend(figure: Figure, grids: gpd.GeoDataFrame, face: Face, foot: float) -> None:
    counts = grids["status"].value_counts()
    keys = [
        Patch(
            facecolor=style.fill,
            edgecolor=style.edge,
            hatch=style.hatch,
            hatch_linewidth=0.5,
            label=f"{STATUS_LABELS[status].zh}（{counts[status]}）",
        )
        for status, style in STATUS_STYLES.items()
        if status in counts
    ]
    figure.legend(
        handles=keys, loc="center left", bbox_to_anchor=(-0.004, foot * KEYS), ncols=len(keys), frameon=False,
        prop=font_of(face, 8), columnspacing=1.2, handlelength=2.2, handletextpad=0.5,
    )  # fmt: skip


def draw_scale(figure: Figure, axes: Axes, face: Face, foot: float) -> None:
    """Draw north arrow and scale bar at the right of the foot; the bar is measured in the axes, of equal aspect."""
    figure.draw_without_rendering()
    length_m = scale_length_m(axes.get_xlim()[1] - axes.get_xlim()[0])
    (left, _), (right, _) = axes.transData.transform([(0.0, 0.0), (length_m, 0.0)])
    share, tick, y = (right - left) / figure.bbox.width, foot * 0.06, foot * NOTES
    end = 0.93
    bar = Outline([(end - share, y + tick), (end - share, y - tick), (end, y - tick), (end, y + tick)])
    figure.add_artist(PathPatch(bar, transform=figure.transFigure, facecolor="none", edgecolor=INK, linewidth=1.4))
    label = f"{length_m / 1000:g} 千米" if length_m >= 1000 else f"{length_m:g} 米"  # noqa: PLR2004 one kilometre
    middle = end - share / 2
    figure.text(middle, y + tick * 0.6, label, ha="center", va="bottom", color=INK, fontproperties=font_of(face, 8))
    arrow = Outline(
        [(0.972, y - 2 * tick), (0.98, y + 3 * tick), (0.988, y - 2 * tick), (0.98, y - tick), (0, 0)], closed=True
    )
    figure.add_artist(PathPatch(arrow, transform=figure.transFigure, facecolor=INK, edgecolor="none"))
    figure.text(0.962, y, "北", ha="center", va="center", color=INK, fontproperties=font_of(face, 8))


def write_foot(figure: Figure, about: About, face: Face, foot: float) -> None:
    """Write data date and map approval at the left of the foot."""
    mark = f"{SYNTHETIC_MARK}　" if about.synthetic else ""
    font, y = font_of(face, 8), foot * NOTES
    approval = about.map_approval or NO_APPROVAL
    notes = f"{mark}数据日期 {about.data_date.isoformat()}　{approval}"
    figure.text(0.0, y, notes, va="center", color=INK, fontproperties=font)


def font_of(face: Face, points: float) -> FontProperties:
    """Return a face in a size [pt]."""
    return FontProperties(fname=FontPath(str(face.path), face.index), size=points)
