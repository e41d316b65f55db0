"""A printed map of one community: its grids, what lies around, legend, scale bar, north arrow and date."""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from PIL import Image

from gis_service.exports.about import SYNTHETIC_MARK, About
from gis_service.exports.contact_sheet import LINE_STYLES
from gis_service.exports.drawing import fill, font, stroke
from gis_service.exports.fonts import Face
from gis_service.exports.grid_numbers import Number, placed_numbers
from gis_service.exports.palette import BUILDING, COMMUNITY, INK, STATUS_STYLES, WARNING
from gis_service.exports.plan_map import NO_APPROVAL, scale_length_m
from gis_service.exports.street_names import Placed, placed_names
from gis_service.geo.coverage import AREAL, GeometryArray
from gis_service.plan.rules import STATUS_LABELS

Box = tuple[float, float, float, float]
"""West, south, east, north [m]."""
Show = Literal["status", "changes", "one"]

DOTS_PER_INCH = 200
MARGIN = 0.05
"""Land around what is shown, as a share of its longer side."""
COLOURS = 128
"""A picture keeps so many colours: a map has no more, and the file becomes a quarter as large."""
_MM_PER_INCH = 25.4
_FOOT_MM = 11.0
_PALE = "#f4f1ea"
_MOVED = "#c2410c"
_OWN = "#fff4d6"
_NAME_POINTS = 7.5
_EDGE_MM = 4.0
"""Nothing is written nearer to the edge of a map [mm]."""


@dataclass(frozen=True, eq=False)
class MapContent:
    """What a map shows.

    Parameters
    ----------
    grids
        ``status``, ``label`` and ``geometry`` in a metric CRS [m], y = north.
    buildings, lines
        Footprints or points; barriers and streets with ``kind`` and ``name``. Same CRS.
    moved
        Land that changes grid.
    about
        Date, synthetic mark and 审图号.
    """

    grids: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    moved: GeometryArray
    about: About


def community_map(
    content: MapContent,
    *,
    show: Show,
    width_mm: float,
    height_mm: float,
    face: Face,
    only: int | None = None,
    box: Box | None = None,
) -> bytes:
    """Return a map as PNG of `DOTS_PER_INCH`.

    Parameters
    ----------
    content
        What is drawn.
    show
        ``status``: grids by status; ``changes``: pale, with the land that changes grid hatched; ``one``: the grid
        ``only`` alone in colour.
    width_mm, height_mm
        Size of the picture, its foot included.
    face
        A face with every character to be written.
    only
        Row of the grid that the map is about.
    box
        What it has to hold; None: all grids, or the one it is about.
    """
    figure = Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    foot = _FOOT_MM / height_mm
    axes = figure.add_axes((0.001, foot, 0.998, 0.998 - foot))
    shown = content.grids if only is None else content.grids.iloc[[only]]
    west, south, east, north = shown.total_bounds.tolist() if box is None else box
    window = _window((west, south, east, north), width_mm / (height_mm - _FOOT_MM))
    axes.set(xlim=window.intervalx, ylim=window.intervaly, xticks=(), yticks=())
    for spine in axes.spines.values():
        spine.set(color="#9aa5b1", linewidth=0.6)
    _draw_ground(axes, content, show, only)
    _draw_lines(axes, content.lines, window)
    fill(axes, _in(content.buildings, window), facecolor=BUILDING, edgecolor="#6f7b85", linewidth=0.2, zorder=3)
    points = _in(content.buildings, window)
    points = points[shapely.get_dimensions(points) == 0]
    axes.scatter(shapely.get_x(points), shapely.get_y(points), s=5, color="#6f7b85", linewidths=0, zorder=3)
    if show == "changes":
        fill(axes, content.moved, facecolor="none", edgecolor=_MOVED, hatch="////", linewidth=1.0, zorder=4)
    stroke(axes, content.grids.geometry.to_numpy(), colors=INK, linewidths=1.3, zorder=5)
    outline = shapely.union_all(content.grids.geometry.to_numpy())
    stroke(axes, np.array([outline], dtype=object), colors=COMMUNITY, linewidths=2.2, zorder=6)
    if only is not None:
        stroke(axes, shown.geometry.to_numpy(), colors=_MOVED, linewidths=2.4, zorder=7)
    metres_per_mm = float(window.width) / width_mm
    inner = shapely.box(*window.extents).buffer(-_EDGE_MM * metres_per_mm, join_style="mitre")
    numbers = placed_numbers(content.grids, inner, metres_per_mm)
    names = placed_names(content.lines, inner.bounds, metres_per_mm, [number.room for number in numbers])
    _write_names(axes, names, face)
    _write_numbers(axes, numbers, face)
    _draw_foot(figure, axes, content, show, face, foot, width_mm)
    if content.about.synthetic:
        axes.text(
            0.5, 0.5, SYNTHETIC_MARK, transform=axes.transAxes, ha="center", va="center", rotation=30,
            color=WARNING, alpha=0.09, zorder=9, fontproperties=font(face, 12 + width_mm / 10),
        )  # fmt: skip
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS_PER_INCH)
    return _in_few_colours(stream)


def _window(box: Box, shape: float) -> Bbox:
    """Return the smallest window of a shape, width over height, that holds a box and some land around."""
    x0, y0, x1, y1 = box
    margin = MARGIN * max(x1 - x0, y1 - y0)
    height = max(y1 - y0 + 2 * margin, (x1 - x0 + 2 * margin) / shape)
    width = height * shape
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return Bbox.from_extents(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _in(frame: gpd.GeoDataFrame, window: Bbox) -> GeometryArray:
    shapes: GeometryArray = frame.geometry.to_numpy()
    found = shapely.STRtree(shapes).query(shapely.box(*window.extents))
    return shapes[np.sort(found)]


def _draw_ground(axes: Axes, content: MapContent, show: Show, only: int | None) -> None:
    shapes = content.grids.geometry.to_numpy()
    if show != "status":
        fill(axes, shapes, facecolor=_PALE, edgecolor="none", zorder=1)
        if only is not None:
            fill(axes, shapes[[only]], facecolor=_OWN, edgecolor="none", zorder=1)
        return
    for status, style in STATUS_STYLES.items():
        own = shapes[(content.grids["status"] == status).to_numpy()]
        fill(axes, own, facecolor=style.fill, edgecolor="none", zorder=1)
        if style.hatch:
            fill(
                axes, own, facecolor="none", edgecolor=style.edge, hatch=style.hatch, linewidth=0, alpha=0.55, zorder=1
            )


def _draw_lines(axes: Axes, lines: gpd.GeoDataFrame, window: Bbox) -> None:
    for order, (kind, look) in enumerate(LINE_STYLES.items()):
        shapes = _in(lines[lines["kind"] == kind], window)
        areas = shapes[shapely.get_dimensions(shapes) == AREAL]
        fill(axes, areas, facecolor=look.colour, edgecolor="none", alpha=0.35, zorder=2)
        stroke(axes, shapes, colors=look.colour, linewidths=look.width, linestyles=look.dashes, zorder=2 + order / 10)


def _write_names(axes: Axes, names: list[Placed], face: Face) -> None:
    for name in names:
        axes.text(
            name.x, name.y, name.text, rotation=name.angle, rotation_mode="anchor", ha="center", va="center",
            color="#5b5346", zorder=8, fontproperties=font(face, _NAME_POINTS), clip_on=True,
            path_effects=[withStroke(linewidth=1.8, foreground="white")],
        )  # fmt: skip


def _write_numbers(axes: Axes, numbers: list[Number], face: Face) -> None:
    for number in numbers:
        axes.text(
            number.x, number.y, number.text, ha="center", va="center", color=INK, zorder=8, clip_on=True,
            fontproperties=font(face, number.points), path_effects=[withStroke(linewidth=2.4, foreground="white")],
        )  # fmt: skip


def _draw_foot(
    figure: Figure, axes: Axes, content: MapContent, show: Show, face: Face, foot: float, width_mm: float
) -> None:
    keys: list[Patch | Line2D] = []
    if show == "status":
        here = set(content.grids["status"])
        keys = [
            Patch(facecolor=style.fill, edgecolor=style.edge, hatch=style.hatch, label=STATUS_LABELS[status].zh)
            for status, style in STATUS_STYLES.items()
            if status in here
        ]
    elif show == "changes":
        keys = [Patch(facecolor="none", edgecolor=_MOVED, hatch="////", label="换网格的地块")]
    else:
        keys = [Patch(facecolor=_OWN, edgecolor=_MOVED, linewidth=1.6, label="本网格")]
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    kinds = set(content.lines["kind"][content.lines.intersects(shapely.box(west, south, east, north))])
    keys += [
        Line2D((), (), color=look.colour, linewidth=2 * look.width, linestyle=look.dashes, label=look.label.zh)
        for kind, look in LINE_STYLES.items()
        if kind in kinds
    ]
    keys += [Line2D((), (), color=COMMUNITY, linewidth=2.2, label="社区界"), Patch(facecolor=BUILDING, label="楼栋")]
    figure.legend(
        handles=keys, loc="center left", bbox_to_anchor=(-0.002, 0.68 * foot), ncols=len(keys), frameon=False,
        prop=font(face, 7), columnspacing=0.9, handlelength=1.6, handletextpad=0.4,
    )  # fmt: skip
    about = content.about
    mark = f"{SYNTHETIC_MARK}　" if about.synthetic else ""
    notes = f"{mark}数据日期 {about.data_date.isoformat()}　{about.map_approval or NO_APPROVAL}"
    figure.text(0.003, 0.2 * foot, notes, va="center", color=INK, fontproperties=font(face, 7))
    _draw_scale(figure, axes, face, foot, width_mm)


def _draw_scale(figure: Figure, axes: Axes, face: Face, foot: float, width_mm: float) -> None:
    """Draw north arrow and scale bar at the right end of the foot; the picture is as wide as its land."""
    west, east = axes.get_xlim()
    length_m = scale_length_m((east - west) * min(1.0, 120.0 / width_mm))
    share, end, y, tick = 0.998 * length_m / (east - west), 1.0 - 14.0 / width_mm, 0.2 * foot, 0.09 * foot
    figure.add_artist(
        Line2D(
            (end - share, end - share, end, end),
            (y + tick, y - tick, y - tick, y + tick),
            transform=figure.transFigure,
            color=INK,
            linewidth=1.2,
        )
    )
    label = f"{length_m / 1000:g} 千米" if length_m >= 1000 else f"{length_m:g} 米"  # noqa: PLR2004 one kilometre
    figure.text(end - share / 2, y + tick / 2, label, ha="center", va="bottom", color=INK, fontproperties=font(face, 7))
    half, middle = 1.4 / width_mm, 1.0 - 2.5 / width_mm
    corners = [(middle - half, 0.12 * foot), (middle, 0.62 * foot), (middle + half, 0.12 * foot), (middle, 0.24 * foot)]
    figure.add_artist(Polygon(corners, closed=True, transform=figure.transFigure, facecolor=INK, edgecolor="none"))
    west_of = 1.0 - 7.0 / width_mm
    figure.text(west_of, 0.36 * foot, "北", ha="center", va="center", color=INK, fontproperties=font(face, 8))


def _in_few_colours(stream: BytesIO) -> bytes:
    stream.seek(0)
    with Image.open(stream) as picture:
        small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        out = BytesIO()
        small.save(out, format="PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return out.getvalue()
