"""Reader of lines that are imagined as paths: any layer of lines, as drawn in QGIS."""

from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.cures import IN_FILE
from gis_service.ingest.dataset import SUFFIXES, FileSpec
from gis_service.ingest.notes import refusal
from gis_service.ingest.positions import refuse_other_than, require_geometry
from gis_service.ingest.reading import read_source, require_file


def read_lines(path: Path, regions: gpd.GeoDataFrame, metric_crs: str) -> NDArray[np.object_]:
    """Return the lines of a file, in its order; those that hang together end to end are one.

    Parameters
    ----------
    path
        A layer of lines that carries its coordinate system.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    metric_crs
        CRS of the result.

    Raises
    ------
    InputError
        The file or a row is at fault; the text names file, row and cure.
    """
    require_file(path)
    if path.suffix.lower() not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise refusal(
            path.name, f"不支持这种类型的通道文件，可用：{known}", f"paths cannot be read from this; use one of {known}"
        )
    nothing: MappingProxyType[str, str] = MappingProxyType({})
    source, _ = read_source(
        FileSpec(
            "paths", path.resolve(), path.name, crs=None, datum=None, encoding=None, columns=nothing, cures=IN_FILE
        )
    )
    if source.table.crs is None:
        raise refusal(
            path.name,
            "没有坐标系，请在 QGIS 中指定坐标系后另存",
            "no coordinate system; set one, as in QGIS, and save it again",
        )
    lines, far, _ = locate(source, metric_crs, window_of(regions.geometry.to_numpy(), metric_crs))
    require_geometry(source, lines)
    refuse_other_than(source, lines, "l")
    refuse_far(source, far)
    return np.asarray(shapely.get_parts(shapely.line_merge(lines)), dtype=object)
