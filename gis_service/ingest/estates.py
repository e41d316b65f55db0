"""Reader of residential estates (小区)."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.ingest.communities import Communities
from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.overlaps import crossing_note, overlap_note
from gis_service.ingest.positions import as_multipolygons, polygons, refuse_other_than
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import containing
from gis_service.ingest.values import counts, required_texts, texts, unique_codes

_POINT_KINDS = (0, 4)


@dataclass(frozen=True)
class Estates:
    """Estates in ascending order of id.

    Parameters
    ----------
    id, name
        Text.
    geometry
        Metric multipolygons, None where unknown.
    households
        Total of each estate that has one [count, Int64], by id.
    """

    id: NDArray[np.object_]
    name: NDArray[np.object_]
    geometry: NDArray[np.object_]
    households: pd.Series

    def frame(self, metric_crs: str) -> gpd.GeoDataFrame:
        """Return the frame ``estates`` of the contract."""
        return metric_frame({"id": self.id, "name": self.name}, self.geometry, metric_crs)


def no_estates() -> Estates:
    """Return no estates."""
    none = np.empty(0, dtype=object)
    return Estates(none, none, none, pd.Series(pd.array([], dtype="Int64"), index=pd.Index([], dtype=object)))


def read_estates(
    dataset: Dataset, regions: gpd.GeoDataFrame, communities: Communities
) -> tuple[Estates, tuple[ImportNote, ...]]:
    """Return the estates of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``estates`` file is read.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    communities
        Estates that reach out of one are noticed.

    Returns
    -------
    estates : Estates
        Polygons are optional; points are left out, since they say nothing about an extent.
    notes : tuple of ImportNote
        What was repaired or noticed.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["estates"])
    ids = unique_codes(source, "id")
    names = required_texts(source, "name")
    totals = counts(source, "households")
    geometries, far, located = locate(
        source, dataset.metric_crs, window_of(regions.geometry.to_numpy(), dataset.metric_crs)
    )
    refuse_far(source, far)
    geometries, repaired = polygons(source, geometries)
    points = np.isin(shapely.get_type_id(geometries), _POINT_KINDS)
    geometries[points | shapely.is_empty(geometries)] = None
    refuse_other_than(source, geometries, "a")
    order = np.argsort(ids.astype("U"), kind="stable")
    known = ~totals.isna()
    called = np.array([f"{key} {name}" for key, name in zip(ids, names, strict=True)], dtype=object)
    odd = (
        *overlap_note(
            source,
            called,
            geometries,
            ("小区", "estates"),
            ("没有写小区的楼栋归面积较小的小区", "a building that names none belongs to the smaller one"),
        ),
        *(crossing_note(source, called, geometries, communities.geometry) if len(communities.code) else ()),
    )
    estates = Estates(
        ids[order],
        names[order],
        as_multipolygons(geometries)[order],
        pd.Series(totals[known], index=pd.Index(ids[known], dtype=object)).sort_index(),
    )
    if not points.any():
        return estates, (*notes, *located, *repaired, *odd)
    note = source.note(
        "notice",
        None,
        f"{points.sum()} 个小区只有点没有面，没有作为小区范围",
        f"{points.sum()} estates are points without an extent; they were taken without a polygon",
    )
    return estates, (*notes, *located, *repaired, *odd, note)


def estates_of_buildings(
    source: Source, estates: Estates, points: NDArray[np.object_]
) -> tuple[NDArray[np.object_], tuple[ImportNote, ...]]:
    """Return the estate of each building.

    Parameters
    ----------
    source
        The buildings file.
    estates
        Estates of the dataset.
    points
        A metric point on the surface of each building.

    Returns
    -------
    ids : numpy.ndarray
        As the row says, by id or by an unmistakable name; where it says nothing, the estate that holds the point (the
        smallest where estates overlap, so that a part inside a whole keeps its buildings), else None.
    notes : tuple of ImportNote
        How many took their estate by place.
    """
    known = set(estates.id.tolist())
    telling = ~pd.Index(estates.name, dtype=object).duplicated(keep=False)
    by_name = dict(zip(estates.name[telling].tolist(), estates.id[telling].tolist(), strict=True))
    given = texts(source, "estate_id")
    ids = np.empty(len(given), dtype=object)
    ids[:] = [value if value is None or value in known else by_name.get(value, value) for value in given.tolist()]
    by_size = np.argsort(shapely.area(estates.geometry), kind="stable")
    at = containing(estates.geometry[by_size], points)
    joined = np.flatnonzero((ids == None) & (at >= 0))  # noqa: E711 elementwise
    ids[joined] = estates.id[by_size][at[joined]]
    if not len(joined):
        return ids, ()
    note = source.note(
        "notice",
        None,
        f"{len(joined)} 栋楼没有写小区，按位置归入所在的小区",
        f"{len(joined)} buildings name no estate and were given the one they stand in",
    )
    return ids, (note,)


def with_estates_of(estates: Estates, named: NDArray[np.object_], label: str) -> tuple[Estates, tuple[ImportNote, ...]]:
    """Return the estates with those added that only buildings name.

    Parameters
    ----------
    estates
        What the estates file holds.
    named
        Estate ids of buildings, None allowed.
    label
        The buildings file, for the note.

    Returns
    -------
    estates : Estates
        Added ones are called by their id and have no polygon.
    notes : tuple of ImportNote
        Says how many were added.
    """
    added = sorted({value for value in named.tolist() if value is not None} - set(estates.id.tolist()))
    if not added:
        return estates, ()
    ids = np.array([*estates.id, *added], dtype=object)
    names = np.array([*estates.name, *added], dtype=object)
    geometries = np.full(len(ids), None, dtype=object)
    geometries[: len(estates.id)] = estates.geometry
    order = np.argsort(ids.astype("U"), kind="stable")
    shown = "、".join(added[:5])
    note = ImportNote(
        "notice",
        label,
        None,
        f"楼栋提到的 {len(added)} 个小区不在小区文件里，已补上（无边界，以编号为名）：{shown}",
        f"{len(added)} estates that buildings name are not in the estates file; they were added without a polygon, "
        f"called by their id: {shown}",
    )
    return replace(estates, id=ids[order], name=names[order], geometry=geometries[order]), (note,)
