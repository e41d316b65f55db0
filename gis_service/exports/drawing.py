"""Shapes and texts on a printed map: polygons, lines, and labels in a Chinese face."""

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.font_manager import FontPath, FontProperties
from matplotlib.path import Path as Outline

from gis_service.exports.fonts import Face
from gis_service.geo.coverage import AREAL, GeometryArray


def fill(axes: Axes, shapes: GeometryArray, **style: Any) -> None:
    """Draw the polygons among some shapes, with their holes; ``style`` is of matplotlib's ``PathCollection``."""
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    outlines = [
        Outline.make_compound_path(*(Outline(shapely.get_coordinates(r), closed=True) for r in shapely.get_rings(part)))
        for part in parts
    ]
    if outlines:
        axes.add_collection(PathCollection(outlines, **style), autolim=False)


def stroke(axes: Axes, shapes: GeometryArray, **style: Any) -> None:
    """Draw lines, and polygons by their outlines; ``style`` is of matplotlib's ``LineCollection``."""
    areal = shapely.get_dimensions(shapes) == AREAL
    parts = shapely.get_parts(np.where(areal, shapely.boundary(shapes), shapes))
    lines = [shapely.get_coordinates(part) for part in parts]
    if lines:
        axes.add_collection(LineCollection(lines, **style), autolim=False)


def font(face: Face, points: float) -> FontProperties:
    """Return a face at a size [points], as matplotlib takes it."""
    return FontProperties(fname=FontPath(str(face.path), face.index), size=points)
