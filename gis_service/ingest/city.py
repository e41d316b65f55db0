"""A dataset folder as checked frames: the one door through which a city's files enter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis_service.errors import Text
from gis_service.ingest.barriers import no_barriers, read_barriers
from gis_service.ingest.buildings import no_buildings, read_buildings
from gis_service.ingest.communities import Communities
from gis_service.ingest.dataset import Dataset, read_dataset
from gis_service.ingest.elevation import with_slopes
from gis_service.ingest.estates import no_estates, read_estates, with_estates_of
from gis_service.ingest.facilities import no_facilities, read_facilities
from gis_service.ingest.given_grids import no_given_grids, read_given_grids
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.paths import with_paths
from gis_service.ingest.regions import read_regions
from gis_service.ingest.streets import read_streets
from gis_service.reach.border import border_finding

Progress = Callable[[Text, int, int], None]
"""Told what is being done, how many steps are done, and how many there are."""

_STEPS = 7


@dataclass(frozen=True)
class CityFrames:
    """Everything that a dataset folder holds, checked, in the city's metric CRS.

    Parameters
    ----------
    dataset
        What ``dataset.toml`` says.
    regions, buildings, estates, barriers, facilities, given_grids
        Frames of the contract, without rows where the folder has no such file. Regions are those in force on the data
        date.
    region_since
        Code → first day, for the regions in force of which the file says it.
    former_regions
        Regions whose codes no longer hold; see `gis_service.ingest.regions.Regions`. Nothing is placed in them.
    nodes, edges
        The walking network with drawn paths and slopes; None where the folder has no streets.
    notes
        What was repaired, dropped or noticed, file by file.
    """

    dataset: Dataset
    regions: gpd.GeoDataFrame
    region_since: Mapping[str, date]
    former_regions: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    given_grids: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame | None
    edges: gpd.GeoDataFrame | None
    notes: tuple[ImportNote, ...]


def read_city(folder: Path, *, progress: Progress | None = None) -> CityFrames:
    """Return a city's files as checked frames.

    Parameters
    ----------
    folder
        Dataset folder.
    progress
        Called before each file; None: nobody is told.

    Returns
    -------
    CityFrames
        Same rows, same frames, whatever the order of the rows in the files. Without a buildings file or without
        community polygons the city is a hierarchy only: no buildings, and a notice.

    Raises
    ------
    InputError
        A file is at fault; the text names file, row, column and cure. Nothing that could be meant in two ways is
        guessed; what is repaired because it can be meant in one way only is in the notes.
    """

    def tell(done: int, zh: str, en: str) -> None:
        if progress is not None:
            progress(Text(f"读取{zh}", f"read {en}"), done, _STEPS)

    dataset = read_dataset(folder)
    metric_crs, files = dataset.metric_crs, dataset.files
    tell(0, "行政区划", "regions")
    read = read_regions(dataset)
    regions, notes = read.frame, read.notes
    bounded = regions[(regions["level"] == "community") & regions.geometry.notna()]
    communities = Communities(
        bounded["code"].to_numpy(dtype=object),
        bounded["name"].to_numpy(dtype=object),
        bounded.geometry.to_numpy(),
        read.households,
    )
    tell(1, "小区", "estates")
    estates, more = read_estates(dataset, regions, communities) if "estates" in files else (no_estates(), ())
    notes = (*notes, *more)
    tell(2, "楼栋", "buildings")
    if "buildings" in files and len(communities.code):
        buildings, more = read_buildings(dataset, regions, communities, estates)
        estates, added = with_estates_of(estates, buildings["estate_id"].to_numpy(), files["buildings"].label)
        notes = (*notes, *more, *added)
    else:
        buildings = no_buildings(metric_crs)
        notes = (*notes, _hierarchy_only(dataset, bounded=bool(len(communities.code))))
    tell(3, "障碍物", "barriers")
    barriers, more = read_barriers(dataset, regions) if "barriers" in files else (no_barriers(metric_crs), ())
    notes = (*notes, *more)
    tell(4, "设施", "facilities")
    facilities, more = read_facilities(dataset, regions) if "facilities" in files else (no_facilities(metric_crs), ())
    notes = (*notes, *more)
    tell(5, "现有网格", "given grids")
    given_grids, more = (
        read_given_grids(dataset, regions, communities) if "plan" in files else (no_given_grids(metric_crs), ())
    )
    notes = (*notes, *more)
    tell(6, "道路", "streets")
    nodes, edges, more = _network(dataset, bounded.geometry.to_numpy()) if "streets" in files else (None, None, ())
    tell(_STEPS, "完毕", "everything")
    return CityFrames(
        dataset=dataset,
        regions=regions,
        region_since=read.since,
        former_regions=read.former,
        buildings=buildings,
        estates=estates.frame(metric_crs),
        barriers=barriers,
        facilities=facilities,
        given_grids=given_grids,
        nodes=nodes,
        edges=edges,
        notes=(*notes, *more),
    )


def _network(
    dataset: Dataset, communities: NDArray[np.object_]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return streets with what planners drew and with their slopes, and a note where they end too soon."""
    files = dataset.files
    nodes, edges, notes = read_streets(files["streets"], dataset.metric_crs)
    if "paths" in files:
        nodes, edges, more = with_paths(nodes, edges, files["paths"])
        notes = (*notes, *more)
    if "elevation" in files:
        edges, more = with_slopes(edges, files["elevation"])
        notes = (*notes, *more)
    finding = border_finding(edges.geometry.to_numpy(), communities, dataset.name)
    if finding is not None:
        notes = (*notes, ImportNote("notice", files["streets"].label, None, finding.zh, finding.en))
    return nodes, edges, notes


def _hierarchy_only(dataset: Dataset, *, bounded: bool) -> ImportNote:
    if "buildings" not in dataset.files:
        why_zh, why_en = "没有 [files.buildings]", "there is no [files.buildings]"
    else:
        why_zh, why_en = (
            "regions 里没有社区边界面，楼栋未导入",
            "no community has a polygon, so buildings were not imported",
        )
    cure_zh = "" if bounded else "；要划分网格请补上社区边界面和楼栋"
    cure_en = "" if bounded else "; add community polygons and buildings to draw grids"
    return ImportNote(
        "notice",
        "dataset.toml",
        None,
        f"{why_zh}，只导入行政层级和设施{cure_zh}",
        f"{why_en}; only the hierarchy and facilities are imported{cure_en}",
    )
