"""Layers (.gpkg, .geojson, .shp, .zip, .parquet): features with geometry, the CRS of the file, attributes as text."""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyarrow import parquet

from gis_service.ingest.archive import unpack_shapefile
from gis_service.ingest.cells import column_text
from gis_service.ingest.content import check_geopackage, check_shapefile, checked_crs
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.dbf import read_dbf
from gis_service.ingest.encoding import decode
from gis_service.ingest.gdal import confine_gdal
from gis_service.ingest.geojson import plain_geojson
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import RawTable

confine_gdal()

_FAILURES = (RuntimeError, ValueError, OverflowError, OSError, pa.ArrowException, shapely.errors.ShapelyError)
"""What readers raise of files at fault: pyogrio's errors and pyproj's are RuntimeErrors."""

T = TypeVar("T")

LAYERS_OF = {"plan": ("grids",)}
"""What the layer of a kind may be called besides, among several in one file: what our own exports call it."""


def read_gpkg(spec: FileSpec) -> RawTable:
    """Return the one layer of a GeoPackage, or the one that is called like its kind.

    Parameters
    ----------
    spec
        The file.

    Returns
    -------
    RawTable
        Features in file order.

    Raises
    ------
    InputError
        The file is damaged or something else, or which layer is meant is open.
    """
    check_geopackage(spec.path, spec.label)
    layers = _guarded(spec, lambda: pyogrio.list_layers(spec.path))[0].tolist()
    drawn = [name for name, shape in layers if shape is not None]
    names = drawn or [name for name, _ in layers]  # QGIS keeps its styles in a table without geometry
    meant = [name for name in (spec.kind, *LAYERS_OF.get(spec.kind, ())) if name in names]
    if len(names) > 1 and not meant:
        raise refusal(
            spec.label,
            f"里有多个图层（{'、'.join(names)}），请只保留一个，或把要用的图层改名为 {spec.kind}",
            f"holds the layers {', '.join(names)}; keep one, or call the one that is meant {spec.kind}",
        )
    chosen = names[0] if len(names) == 1 else meant[0]
    return _from_frame(spec, *_guarded(spec, lambda: pyogrio.read_dataframe(spec.path, layer=chosen)))


def read_geojson(spec: FileSpec) -> RawTable:
    """Return a GeoJSON file, which need not be UTF-8.

    Parameters
    ----------
    spec
        The file.

    Returns
    -------
    RawTable
        Features in file order; CRS EPSG:4326 unless the file names another.

    Raises
    ------
    InputError
        The file is damaged or something else, or its text cannot be decoded.
    """
    content = plain_geojson(spec, decode(spec.path.read_bytes(), spec.encoding, spec.label))
    return _from_frame(spec, *_guarded(spec, lambda: pyogrio.read_dataframe(content)))


def read_parquet(spec: FileSpec) -> RawTable:
    """Return a GeoParquet file, or a plain Parquet table.

    Parameters
    ----------
    spec
        The file.

    Returns
    -------
    RawTable
        Rows in file order, counted from 1.

    Raises
    ------
    InputError
        The file is damaged.
    """

    def read() -> pd.DataFrame:
        if b"geo" in (parquet.read_schema(spec.path).metadata or {}):
            return gpd.read_parquet(spec.path)
        return pd.read_parquet(spec.path)

    return _from_frame(spec, *_guarded(spec, read))


def read_shapefile(spec: FileSpec) -> RawTable:
    """Return a shapefile, zipped or not; the encoding of its attributes is decided by us, not by GDAL.

    Parameters
    ----------
    spec
        The ``.shp`` or ``.zip``.

    Returns
    -------
    RawTable
        Features in file order, deleted ones left out.

    Raises
    ------
    InputError
        A part is missing or damaged, the archive could do harm, or no encoding fits.
    """
    if spec.path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            meant = (spec.kind, *LAYERS_OF.get(spec.kind, ()))
            return _shapefile(spec, unpack_shapefile(spec.path, Path(folder), spec.label, meant))
    return _shapefile(spec, spec.path)


def _shapefile(spec: FileSpec, path: Path) -> RawTable:
    beside = {member.suffix.lower(): member for member in path.parent.iterdir() if member.stem == path.stem}
    for suffix in (".shx", ".dbf"):
        if suffix not in beside:
            raise refusal(
                spec.label,
                f"缺少同名的 {suffix} 文件，请把整套 shapefile 一起放进来",
                f"its {suffix} file is missing; put all parts of the shapefile there",
            )
    check_shapefile(path, spec.label)
    # GDAL would decode the field names, which we do not ask it for, as the .cpg says, and fail where the .cpg is wrong.
    frame, notes = _guarded(
        spec, lambda: pyogrio.read_dataframe(path, columns=[], fid_as_index=True, encoding="ISO-8859-1")
    )
    table, more = read_dbf(
        beside[".dbf"].read_bytes(),
        cpg=beside[".cpg"].read_bytes() if ".cpg" in beside else None,
        declared=spec.encoding,
        label=spec.label,
    )
    if len(table) <= frame.index.max():
        raise refusal(
            spec.label,
            ".shp 与 .dbf 的要素数不一致，请重新导出该 shapefile",
            "the .shp and the .dbf differ in length; export the shapefile again",
        )
    return RawTable(
        columns=table.loc[frame.index].reset_index(drop=True),
        rows=frame.index.to_numpy(dtype=np.int64) + 1,
        geometry=frame.geometry.to_numpy(),
        crs=checked_crs(frame.crs, spec.label),
        is_table=False,
        cut_names=True,
        notes=(*notes, *more),
    )


def _guarded(spec: FileSpec, read: Callable[[], T]) -> tuple[T, tuple[ImportNote, ...]]:
    """Return what a reader returns, its warnings as notes and its failures as a refusal."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = read()
        except _FAILURES as error:
            raise refusal(
                spec.label,
                "文件无法读取，可能已损坏或内容与后缀不符，请重新导出",
                f"the file cannot be read ({error}); export it again",
            ) from error
    texts = sorted({str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning)})
    return result, tuple(
        ImportNote("notice", spec.label, None, f"读取时的提示：{text}", f"the reader remarked: {text}")
        for text in texts
    )


def _from_frame(spec: FileSpec, frame: pd.DataFrame, notes: tuple[ImportNote, ...]) -> RawTable:
    layer = frame if isinstance(frame, gpd.GeoDataFrame) else None
    attributes = frame if layer is None else frame.drop(columns=layer.geometry.name)
    columns = pd.DataFrame({str(name): column_text(attributes[name]) for name in attributes.columns}, dtype=object)
    return RawTable(
        columns=columns.set_axis(range(len(frame))),
        rows=np.arange(1, len(frame) + 1, dtype=np.int64),
        geometry=None if layer is None else layer.geometry.to_numpy(),
        crs=None if layer is None else checked_crs(layer.crs, spec.label),
        is_table=False,
        cut_names=False,
        notes=notes,
    )
