"""Reader of the grids that exist today, special grids among them."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.communities import Communities
from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.overlaps import overlap_note
from gis_service.ingest.positions import as_multipolygons, polygons, refuse_other_than, require_geometry
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import largest_overlap
from gis_service.ingest.values import choices, refuse_repeats, texts

_WORDS = {
    **dict.fromkeys(("base", "基础", "基础网格", "普通", "普通网格", "一般", "一般网格", "网格", "综合网格"), "base"),
    **dict.fromkeys(("special", "专属", "专属网格", "专业", "专业网格", "特殊", "特殊网格"), "special"),
}
_WHOLLY = 0.99
_OVERLAPS = (
    (
        "special",
        ("专属网格", "special grids"),
        ("重叠的地方只归名称排在前面的一个", "what they share goes to the first by name only"),
    ),
    ("base", ("现有网格", "given grids"), ("已按原样保留", "they were kept as they are")),
)


class GridRows(NamedTuple):
    """The grids of a file, one element a row; see :func:`grids_of`."""

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    kind: NDArray[np.object_]
    geometries: NDArray[np.object_]
    notes: tuple[ImportNote, ...]


def read_given_grids(
    dataset: Dataset, regions: gpd.GeoDataFrame, communities: Communities
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the grids of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``plan`` file is read.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    communities
        Each grid belongs to the one it shares most area with.

    Returns
    -------
    given_grids : geopandas.GeoDataFrame
        Frame ``given_grids`` of the contract, by code, name and shape.
    notes : tuple of ImportNote
        What was repaired, grids that reach into a second community, and grids of one kind that overlap.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["plan"])
    if not len(communities.code):
        raise refusal(
            source.spec.label,
            "没有社区边界面，网格无法归属社区，请在 regions 文件里补上社区面，或去掉 [files.plan]",
            "there are no community polygons, so grids belong to none; add them to the regions file or remove "
            "[files.plan]",
        )
    code, name, kind, geometries, more = grids_of(source, regions, dataset.metric_crs)
    at, share = largest_overlap(communities.geometry, geometries)
    outside = np.flatnonzero(at < 0)
    if len(outside):
        raise source.refuse(
            outside,
            None,
            "的网格不在任何社区内，请改正网格边界或删去",
            "the grid lies in no community; correct its boundary or delete it",
        )
    across = np.flatnonzero(share < _WHOLLY)
    crossing: tuple[ImportNote, ...] = ()
    if len(across):
        crossing = (
            source.note(
                "notice",
                across,
                "的网格跨出所属社区，已归入重叠面积最大的社区，请核对边界",
                "the grid reaches out of its community; it was given to the one it shares most area with, check it",
            ),
        )
    called = np.array([named or coded or "无名网格" for named, coded in zip(name, code, strict=True)], dtype=object)
    overlapping = [
        note
        for word, areas, settled in _OVERLAPS
        for note in overlap_note(source, called[kind == word], geometries[kind == word], areas, settled)
    ]
    shapes = as_multipolygons(geometries)
    keys = [np.array([value or "" for value in column.tolist()], dtype="U") for column in (name, code)]
    order = np.lexsort((shapely.to_wkb(shapes, hex=True).astype("U"), *keys))
    columns = {
        "code": code[order],
        "name": name[order],
        "kind": kind[order],
        "community_code": communities.code[at][order],
    }
    frame = metric_frame(columns, shapes[order], dataset.metric_crs)
    return frame, (*notes, *more, *crossing, *overlapping)


def grids_of(source: Source, regions: gpd.GeoDataFrame, metric_crs: str) -> GridRows:
    """Return the grids of a file row by row.

    Parameters
    ----------
    source
        A file of the kind ``plan``.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    metric_crs
        CRS of the result.

    Returns
    -------
    GridRows
        Codes and names (None: has none), kinds, valid polygons in metres, and what was repaired or noticed.

    Raises
    ------
    InputError
        A code is repeated, a kind unknown, or a row has no polygon, one that a repair would change, or lies elsewhere.
    """
    code, name = texts(source, "code"), texts(source, "name")
    refuse_repeats(source, "code", code)
    kind = choices(source, "kind", _WORDS)
    kind[kind == None] = "base"  # noqa: E711 elementwise
    geometries, far, located = locate(source, metric_crs, window_of(regions.geometry.to_numpy(), metric_crs))
    require_geometry(source, geometries)
    refuse_other_than(source, geometries, "a")
    geometries, repaired = polygons(source, geometries, decisive=True)
    refuse_far(source, far)
    return GridRows(code, name, kind, geometries, (*located, *repaired))


def no_given_grids(metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame ``given_grids`` without rows."""
    none = np.empty(0, dtype=object)
    return metric_frame(dict.fromkeys(("code", "name", "kind", "community_code"), none), none, metric_crs)
