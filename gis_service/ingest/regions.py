"""Reader of administrative regions: the hierarchy, its polygons, the communities' tiling, and former regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.ingest.coordinates import locate, window_of_crs
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.hierarchy import Rows, complete_hierarchy, levels
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.positions import as_multipolygons, polygons, refuse_other_than
from gis_service.ingest.reading import read_source
from gis_service.ingest.region_codes import refuse_odd_codes, unofficial_note
from gis_service.ingest.source import Source
from gis_service.ingest.strips import strip_note
from gis_service.ingest.tiling import part_overlaps
from gis_service.ingest.validity import Validity, read_validity
from gis_service.ingest.values import codes, counts, required_texts, texts


@dataclass(frozen=True)
class Regions:
    """What a regions file holds.

    Parameters
    ----------
    frame
        Frame ``regions`` of the contract: the regions in force on the data date. Regions above the communities that
        the file lacks, and polygons above the communities that it lacks, are derived.
    since
        Code → first day, for the regions in force of which the file says it.
    former
        Regions whose codes no longer held on the data date: the columns of ``regions`` and, before ``geometry``,
        ``valid_from`` and ``valid_to`` (dates: first day, first day no longer), sorted by code and first day. A code
        may stand in several rows, and in `frame` as well.
    households
        Households of each community in force whose total the file gives [count, Int64], by code.
    notes
        What was derived, repaired or noticed.
    """

    frame: gpd.GeoDataFrame
    since: Mapping[str, date]
    former: gpd.GeoDataFrame
    households: pd.Series
    notes: tuple[ImportNote, ...]


def read_regions(dataset: Dataset) -> Regions:
    """Return the regions of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``regions`` file is read.

    Returns
    -------
    Regions
        Those in force and those that were.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    everything, notes = read_source(dataset.files["regions"])
    refuse_odd_codes(everything)
    validity, dated = read_validity(everything, dataset.data_date)
    source, in_force = everything.subset(validity.in_force), validity.in_force
    rows, more = complete_hierarchy(source, dataset.title)
    unofficial = unofficial_note(source, rows.code[rows.level == "community"])
    all_geometries, far, located = locate(everything, dataset.metric_crs, window_of_crs(dataset.metric_crs))
    refuse_far_from_crs(everything, far, dataset.metric_crs)
    refuse_other_than(everything, all_geometries, "a")
    all_geometries, repaired = polygons(everything, all_geometries, decisive=True)
    all_geometries[shapely.is_empty(all_geometries)] = None
    geometries = all_geometries[in_force]
    _refuse_part_without(source, rows, geometries)
    totals = counts(source, "households") if source.has("households") else None
    frame, tiled = _assemble(source, rows, geometries, dataset.metric_crs)
    former, orphaned = _former(everything, validity, all_geometries, dataset.metric_crs)
    begin = zip(rows.code.tolist(), validity.valid_from[in_force].tolist(), strict=False)  # derived rows come last
    return Regions(
        frame=frame,
        since={code: day for code, day in begin if day is not None},
        former=former,
        households=_community_totals(rows, totals, len(source)),
        notes=(*notes, *dated, *more, *unofficial, *located, *repaired, *tiled, *orphaned),
    )


def refuse_far_from_crs(source: Source, far: NDArray[np.bool_], metric_crs: str) -> None:
    """Refuse regions outside the area where the dataset's metric CRS may be used.

    Raises
    ------
    InputError
        Names the rows.
    """
    rows = np.flatnonzero(far)
    if len(rows):
        raise source.refuse(
            rows,
            None,
            f"不在 metric_crs（{metric_crs}）的适用范围内，请检查 [files.regions] 的 crs、datum，"
            "或换成本市的 metric_crs",
            f"outside the area of use of metric_crs ({metric_crs}); check crs and datum of [files.regions], or give "
            "the city's own metric_crs",
        )


def _former(
    everything: Source, validity: Validity, geometries: NDArray[np.object_], metric_crs: str
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the former regions; a region above that the file does not know is left out and noticed."""
    source = everything.subset(validity.former)
    code, parent = codes(source, "code"), texts(source, "parent_code")
    known = {*everything.texts("code").tolist(), None}
    unknown = np.flatnonzero([above not in known for above in parent.tolist()])
    parent[unknown] = None
    begin, end = validity.valid_from[validity.former], validity.valid_to[validity.former]
    order = np.array(sorted(range(len(code)), key=lambda row: (code[row], begin[row])), dtype=np.int64)
    columns = {
        "code": code[order],
        "name": required_texts(source, "name")[order],
        "level": levels(source, code)[order],
        "parent_code": parent[order],
        "valid_from": begin[order],
        "valid_to": end[order],
    }
    frame = metric_frame(columns, as_multipolygons(geometries[validity.former][order]), metric_crs)
    if not len(unknown):
        return frame, ()
    note = source.note(
        "notice",
        unknown,
        f"是已停用的单位，上级代码不在文件里（共 {len(unknown)} 个），上级未保存",
        f"{len(unknown)} former regions name a parent that is not in the file; their parent was not kept",
    )
    return frame, (note,)


def _refuse_part_without(source: Source, rows: Rows, geometries: NDArray[np.object_]) -> None:
    """Refuse communities without a polygon where others have one."""
    communities = rows.level[: len(source)] == "community"
    missing = communities & shapely.is_missing(geometries)
    if missing.any() and not missing[communities].all():
        raise source.refuse(
            np.flatnonzero(missing),
            None,
            "是社区但没有边界面，而其他社区有，请补上这些社区的面",
            "a community without a polygon where others have one; add these polygons",
        )


def _assemble(
    source: Source, rows: Rows, given: NDArray[np.object_], metric_crs: str
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    geometries = np.full(len(rows.code), None, dtype=object)
    geometries[: len(given)] = given
    order = np.argsort(rows.code.astype("U"), kind="stable")
    code, name = rows.code[order], rows.name[order]
    level, parent = rows.level[order], rows.parent_code[order]
    geometries = geometries[order]
    communities = np.flatnonzero(level == "community")
    notes: tuple[ImportNote, ...] = ()
    if not shapely.is_missing(geometries[communities]).all():
        parted, notes = part_overlaps(source, code[communities], name[communities], geometries[communities])
        geometries[communities] = parted
        notes = (*notes, *strip_note(source, name[communities], parted))
    geometries, derived = _derive_polygons(source, code, level, parent, geometries)
    columns = {"code": code, "name": name, "level": level, "parent_code": parent}
    return metric_frame(columns, as_multipolygons(geometries), metric_crs), (*notes, *derived)


def _derive_polygons(
    source: Source,
    code: NDArray[np.object_],
    level: NDArray[np.object_],
    parent: NDArray[np.object_],
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.object_], tuple[ImportNote, ...]]:
    """Return the geometries with missing ones above the communities as unions, where every child has one."""
    out = np.array(geometries, dtype=object)
    names = {"street": "街道（乡镇）", "county": "区县", "city": "市"}
    notes = []
    for above, name in names.items():
        wanted = np.flatnonzero((level == above) & shapely.is_missing(out))
        children = pd.Series(out, dtype=object).groupby(pd.Series(parent, dtype=object)).agg(list)
        made = [row for row in wanted.tolist() if _all_present(children.get(code[row]))]
        for row in made:
            out[row] = shapely.union_all(children[code[row]])
        if made:
            shown = "、".join(str(code[row]) for row in made[:5])
            notes.append(
                source.note(
                    "notice",
                    None,
                    f"{len(made)} 个{name}没有边界面，由下级的面合并得出：{shown}{'…' if len(made) > 5 else ''}",  # noqa: PLR2004 as shown
                    f"{len(made)} regions of level {above} have no polygon; it was derived as the union of the level "
                    f"below: {shown}",
                )
            )
    return out, tuple(notes)


def _all_present(children: list[object] | None) -> bool:
    return bool(children) and all(child is not None for child in children or ())


def _community_totals(rows: Rows, totals: pd.arrays.IntegerArray | None, given: int) -> pd.Series:
    if totals is None:
        return pd.Series(pd.array([], dtype="Int64"), index=pd.Index([], dtype=object))
    wanted = (rows.level[:given] == "community") & ~totals.isna()
    return pd.Series(totals[wanted], index=rows.code[:given][wanted]).sort_index()
