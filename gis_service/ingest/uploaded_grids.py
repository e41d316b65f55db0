"""Reader of grids that somebody uploads, to begin a draft of one community with them."""

from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.errors import Text
from gis_service.geo.datum import Datum
from gis_service.ingest.cures import Cures
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.given_grids import grids_of
from gis_service.ingest.notes import refusal
from gis_service.ingest.positions import as_multipolygons
from gis_service.ingest.reading import read_source
from gis_service.plan.applying import LONGEST_NAME, MOST_GRIDS

SUFFIXES = (".gpkg", ".geojson", ".zip")
"""Types of files that are read: GeoPackage, GeoJSON, a zipped shapefile."""
SLIVER_M2 = 1.0
"""Grids that share less land than this with the community are others' [m²]."""
_ZIP = b"PK\x03\x04"
_CURES = Cures(
    crs=Text("在上传时选对坐标系", "choose the right coordinate system when uploading"),
    columns=Text("把表头改成 code、name、kind", "call the columns code, name and kind"),
)


def read_uploaded_grids(
    path: Path,
    label: str,
    regions: gpd.GeoDataFrame,
    community: shapely.Geometry,
    metric_crs: str,
    *,
    datum: Datum | None = None,
) -> gpd.GeoDataFrame:
    """Return the grids of a file that lie in a community.

    Parameters
    ----------
    path
        A ``.gpkg``, ``.geojson`` or zipped shapefile with polygons, perhaps ``code``, ``name`` and ``kind``; of several
        layers, the one called ``grids`` or ``plan`` is read. It may hold the grids of other communities too.
    label
        What the file is called, for messages.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    community
        The community, in metres.
    metric_crs
        CRS of the result.
    datum
        Datum of its longitudes and latitudes; None: what the file carries.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code`` and ``name`` (None: has none), ``kind`` and ``geometry``, in reading order of the file, of the grids
        that share more than `SLIVER_M2` with the community. They need not fit it or each other.

    Raises
    ------
    InputError
        The file or a row is at fault, no grid lies in the community, or two of them have the same name, or too long a
        one; the text names file, row and cure.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise refusal(
            label,
            f"不支持这种类型的文件，可上传：{' '.join(SUFFIXES)}（shapefile 请打包成 zip）",
            f"this type of file cannot be read; upload one of {' '.join(SUFFIXES)}, shapefiles as a zip",
        )
    if path.suffix.lower() != ".zip" and path.read_bytes().startswith(_ZIP):
        raise refusal(
            label,
            f"是 Excel 工作簿或压缩包，不是图层；请在 GIS 软件中把网格面导出为 {SUFFIXES[0]} 或 {SUFFIXES[1]} 再上传",
            f"is a workbook or an archive instead of a layer; export the polygons of the grids as {SUFFIXES[0]} or "
            f"{SUFFIXES[1]} from a GIS program",
        )
    source, _ = read_source(
        FileSpec(
            kind="plan",
            path=path,
            label=label,
            crs=None,
            datum=None if datum is None else datum.value,
            encoding=None,
            columns=MappingProxyType({}),
            cures=_CURES,
        )
    )
    rows = grids_of(source, regions, metric_crs)
    shared_m2 = shapely.area(shapely.intersection(rows.geometries, community))
    here = np.flatnonzero(shared_m2 > SLIVER_M2)
    if not 0 < len(here) <= MOST_GRIDS:
        raise refusal(
            label,
            f"有 {len(here)} 个网格落在本社区内，应为 1–{MOST_GRIDS} 个；请检查文件和所选坐标系",
            f"{len(here)} grids lie in the community; 1 to {MOST_GRIDS} are needed: check the file and the coordinate "
            "system chosen",
        )
    named = pd.Series(rows.name[here], dtype=object)
    unfit = named.notna() & (named.duplicated(keep=False) | (named.str.len() > LONGEST_NAME))
    if unfit.any():
        raise source.refuse(
            here[unfit.to_numpy()],
            "name",
            f"重复，或超过 {LONGEST_NAME} 字；请改名，或把同一网格的各块合成一个要素",
            f"is repeated or has more than {LONGEST_NAME} characters; rename it, or make one feature of each grid",
        )
    unnamed = here[(rows.kind[here] == "special") & named.isna().to_numpy()]
    if len(unnamed):
        raise source.refuse(
            unnamed, "name", "为空，专属网格必须有名称，请补上", "is empty, but a special grid needs a name; add it"
        )
    columns = {"code": rows.code[here], "name": rows.name[here], "kind": rows.kind[here]}
    return metric_frame(columns, as_multipolygons(rows.geometries[here]), metric_crs)
