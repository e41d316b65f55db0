"""Twelve communities of a plan side by side on one A3 sheet, for a planner to judge."""

from collections.abc import Sequence
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
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from gis_service.errors import Text
from gis_service.exports.about import SYNTHETIC_MARK, About
from gis_service.exports.drawing import fill, font, stroke
from gis_service.exports.fonts import Face
from gis_service.exports.palette import BUILDING, COMMUNITY, INK, STATUS_STYLES, WARNING
from gis_service.exports.plan_map import NO_APPROVAL, scale_length_m
from gis_service.plan.rules import STATUS_LABELS

COLUMNS, ROWS = 4, 3
"""Where there are twelve communities; with fewer they are drawn larger."""
SUFFIXES = (".png", ".pdf")
_A3_INCH = (420 / 25.4, 297 / 25.4)
_DOTS_PER_INCH = 150
_HEAD, _FOOT, _CAPTION, _GAP = 0.05, 0.045, 0.044, 0.008
"""Shares of the sheet's height, and of its width between two communities."""
_MARGIN = 0.03
"""Land around a community, as a share of its longer side."""


@dataclass(frozen=True)
class LineStyle:
    """How barriers of a kind are drawn: colour ``#rrggbb``, width [points], matplotlib's dashes, and their name."""

    colour: str
    width: float
    dashes: Literal["solid"] | tuple[float, tuple[float, ...]]
    label: Text


LINE_STYLES = {
    "road": LineStyle("#a8a294", 0.7, "solid", Text("道路", "road")),
    "wall": LineStyle("#7b5b45", 0.6, (0, (1.5, 1.2)), Text("围墙", "wall")),
    "river": LineStyle("#4a8fc0", 1.0, "solid", Text("水系", "water")),
    "railway": LineStyle("#333333", 1.1, (0, (4.0, 2.0)), Text("铁路", "railway")),
    "expressway": LineStyle("#c98a2b", 1.5, "solid", Text("快速路", "expressway")),
}
"""Kinds of barrier, the lowest first."""


@dataclass(frozen=True)
class Panel:
    """One community of the sheet.

    Parameters
    ----------
    title
        Its name and why it was chosen.
    caption
        What it is worth, in one line.
    grids
        Its grids: ``code``, ``status``, ``geometry`` in a metric CRS [m], y = north.
    prefix
        What the codes of its grids begin with; numbers are written without it.
    buildings, lines
        Footprints; barriers with ``kind``. Same CRS.
    """

    title: Text
    caption: Text
    grids: gpd.GeoDataFrame
    prefix: str
    buildings: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame


def contact_sheet(panels: Sequence[Panel], *, about: About, face: Face, language: str, suffix: str) -> bytes:
    """Return the sheet.

    Parameters
    ----------
    panels
        At most twelve, drawn in rows from the upper left.
    about
        Title, date, synthetic mark and 审图号.
    face
        A face that has every character to be written.
    language
        ``zh`` or ``en``.
    suffix
        One of `SUFFIXES`.
    """
    figure = Figure(figsize=_A3_INCH, dpi=_DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    columns = next(n for n in range(1, COLUMNS + 1) if n * min(n, ROWS) >= len(panels))
    rows = min(columns, ROWS)
    width = (1.0 - _GAP) / columns
    height = (1.0 - _HEAD - _FOOT) / rows
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        left, bottom = _GAP + column * width, _FOOT + (rows - 1 - row) * height
        axes = figure.add_axes((left, bottom + _CAPTION, width - _GAP, height - _CAPTION - _GAP))
        _draw(axes, panel, face)
        for line, points, share in ((panel.title, 9.5, 0.72), (panel.caption, 7.5, 0.3)):
            text = line.in_language(language)
            figure.text(
                left, bottom + share * _CAPTION, text, va="center", color=INK, fontproperties=font(face, points)
            )
    _write_head(figure, about, face)
    _draw_legend(figure, panels, face, language)
    stream = BytesIO()
    # A date in the file would make equal sheets differ.
    figure.savefig(stream, format=suffix[1:], metadata={"CreationDate": None} if suffix == ".pdf" else None)
    return stream.getvalue()


def _draw(axes: Axes, panel: Panel, face: Face) -> None:
    x0, y0, x1, y1 = panel.grids.total_bounds
    box = axes.get_window_extent()
    # The smallest window of the panel's own shape that holds the community.
    height_m = max(y1 - y0, (x1 - x0) * box.height / box.width) * (1 + 2 * _MARGIN)
    width_m = height_m * box.width / box.height
    left, low = (x0 + x1 - width_m) / 2, (y0 + y1 - height_m) / 2
    axes.set(xlim=(left, left + width_m), ylim=(low, low + height_m), xticks=(), yticks=())
    for spine in axes.spines.values():
        spine.set(color="#d5d9dd", linewidth=0.6)
    for status, style in STATUS_STYLES.items():
        shapes = panel.grids.geometry.to_numpy()[panel.grids["status"] == status]
        fill(axes, shapes, facecolor=style.fill, edgecolor="none", zorder=1)
        fill(axes, shapes, facecolor="none", edgecolor=style.edge, hatch=style.hatch, linewidth=0, zorder=1)
    for order, (kind, look) in enumerate(LINE_STYLES.items()):
        shapes = panel.lines.geometry.to_numpy()[panel.lines["kind"] == kind]
        polygons = shapes[shapely.get_dimensions(shapes) == 2]  # noqa: PLR2004 an area has two dimensions
        fill(axes, polygons, facecolor=look.colour, edgecolor="none", alpha=0.35, zorder=2)
        stroke(axes, shapes, colors=look.colour, linewidths=look.width, linestyles=look.dashes, zorder=2 + order / 10)
    fill(axes, panel.buildings.geometry.to_numpy(), facecolor=BUILDING, edgecolor="none", alpha=0.75, zorder=3)
    points = panel.buildings.geometry.to_numpy()
    points = points[shapely.get_dimensions(points) == 0]
    axes.scatter(shapely.get_x(points), shapely.get_y(points), s=6, color=BUILDING, linewidths=0, zorder=3)
    stroke(axes, panel.grids.geometry.to_numpy(), colors=INK, linewidths=1.0, zorder=4)
    outline = shapely.union_all(panel.grids.geometry.to_numpy())
    stroke(axes, np.array([outline]), colors=COMMUNITY, linewidths=2.0, zorder=5)
    middle = shapely.get_point(shapely.maximum_inscribed_circle(panel.grids.geometry.to_numpy(), tolerance=1.0), 0)
    for code, x, y in zip(panel.grids["code"], shapely.get_x(middle), shapely.get_y(middle), strict=True):
        axes.text(
            x, y, str(code).removeprefix(panel.prefix), ha="center", va="center", color=INK, zorder=6,
            fontproperties=font(face, 6.5), path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip
    _draw_scale(axes, width_m, face)


def _draw_scale(axes: Axes, width_m: float, face: Face) -> None:
    length_m = scale_length_m(width_m * 0.8)
    share = length_m / width_m
    axes.plot((0.03, 0.03 + share), (0.03, 0.03), transform=axes.transAxes, color=INK, linewidth=1.6, zorder=7)
    axes.text(
        0.03 + share / 2, 0.04, f"{length_m:g} m", transform=axes.transAxes, ha="center", va="bottom", color=INK,
        zorder=7, fontproperties=font(face, 6.5), path_effects=[withStroke(linewidth=1.6, foreground="white")],
    )  # fmt: skip


def _write_head(figure: Figure, about: About, face: Face) -> None:
    y = 1.0 - _HEAD / 2
    figure.text(_GAP, y, f"{about.title}　{about.plan}", va="center", color=INK, fontproperties=font(face, 16))
    mark = f"{SYNTHETIC_MARK}　" if about.synthetic else ""
    notes = f"{mark}{about.data_date.isoformat()}　{about.map_approval or NO_APPROVAL}"
    colour = WARNING if about.synthetic else INK
    figure.text(1.0 - _GAP, y, notes, va="center", ha="right", color=colour, fontproperties=font(face, 10))


def _draw_legend(figure: Figure, panels: Sequence[Panel], face: Face, language: str) -> None:
    statuses = {status for panel in panels for status in panel.grids["status"]}
    kinds = {kind for panel in panels for kind in panel.lines["kind"]}
    keys: list[Patch | Line2D] = [
        Patch(
            facecolor=style.fill, edgecolor=style.edge, hatch=style.hatch,
            label=STATUS_LABELS[status].in_language(language),
        )
        for status, style in STATUS_STYLES.items()
        if status in statuses
    ]  # fmt: skip
    keys += [
        Line2D((), (), color=look.colour, linewidth=2 * look.width, linestyle=look.dashes,
               label=look.label.in_language(language))
        for kind, look in LINE_STYLES.items()
        if kind in kinds
    ]  # fmt: skip
    figure.legend(
        handles=keys, loc="center left", bbox_to_anchor=(0.0, _FOOT / 2), ncols=len(keys), frameon=False,
        prop=font(face, 9), columnspacing=1.4, handlelength=2.2,
    )  # fmt: skip
