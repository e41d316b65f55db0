"""Whether every special grid of a plan hangs together as the one it was given as."""

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.audit.tiling import polygon_parts, sound, tolerance_m2
from gis_service.plan.findings import Finding


def check_special_pieces(
    grids: gpd.GeoDataFrame,
    grid_shapes: NDArray[np.object_],
    extent: shapely.Geometry,
    given: NDArray[np.object_] | None,
) -> list[Finding]:
    """Return special grids in several pieces.

    Parameters
    ----------
    grids
        ``code`` and ``kind``.
    grid_shapes
        Valid polygons of the grids [m], by position.
    extent
        Polygon of the community [m].
    given
        Polygons of the special grids as they were given; None: not known.

    Returns
    -------
    list of Finding
        A fault where no given grid alone holds most of every piece; a warning where one does but has fewer pieces
        inside the community; a note where it has as many, or where the given grids are not known.
    """
    inside = None if given is None else shapely.intersection(sound(given), extent)
    findings = []
    special = grids["kind"].to_numpy() == "special"
    for code, shape in zip(grids["code"].to_numpy()[special], grid_shapes[special], strict=True):
        parts = polygon_parts(shape)
        parts = parts[shapely.area(parts) > tolerance_m2(shape.area)]
        if len(parts) > 1:
            findings.append(_finding(str(code), parts, inside))
    return findings


def _finding(code: str, parts: NDArray[np.object_], given: NDArray[np.object_] | None) -> Finding:
    count = len(parts)
    if given is None:
        return _in_pieces(
            "note",
            code,
            f"有 {count} 块，请核对给定的范围是否也如此",
            f"has {count} pieces; check that it was given so",
        )
    shared_m2 = shapely.area(shapely.intersection(parts[:, None], given[None, :]))
    holders = np.flatnonzero((2 * shared_m2 > shapely.area(parts)[:, None]).all(axis=0))
    if len(holders) == 0:
        return Finding(
            "special_grids_merged",
            "fault",
            code,
            f"专属网格 {code} 的 {count} 块不属于同一个给定的专属网格",
            f"the {count} pieces of special grid {code} do not belong to one given special grid",
        )
    known = max(len(polygon_parts(given[holder])) for holder in holders)
    if count > known:
        return _in_pieces(
            "warning",
            code,
            f"分成 {count} 块，而给定的范围只有 {known} 块",
            f"is in {count} pieces where {known} were given",
        )
    return _in_pieces("note", code, f"有 {count} 块，与给定的范围一致", f"has {count} pieces, as it was given")


def _in_pieces(severity: Literal["warning", "note"], code: str, zh: str, en: str) -> Finding:
    return Finding("special_grid_in_pieces", severity, code, f"专属网格 {code} {zh}", f"special grid {code} {en}")
