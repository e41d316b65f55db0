"""What a file says of itself in its first bytes and its table of contents, looked at before GDAL opens it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from pyproj import CRS

from gis_service.errors import InputError
from gis_service.ingest.notes import refusal

_SQLITE = b"SQLite format 3\0"
_APPLICATION_IDS = (b"GPKG", b"GP10", b"GP11")
_APPLICATION_AT = 68
_SHAPE_CODE, _SHAPE_VERSION, _SHAPE_HEADER = (9994).to_bytes(4, "big"), (1000).to_bytes(4, "little"), 100
_OGC_VIEWS = frozenset({"st_spatial_ref_sys", "st_geometry_columns"})
"""Views of the standard's own tables, which some programs put into every GeoPackage."""
_INDEX = re.compile(r"create\s+virtual\s+table\s+(\"[^\"]*\"|\w+)\s+using\s+rtree\s*\([^()]*\)", re.IGNORECASE)
_OUTSIDE = re.compile(r"PARAMETERFILE|PROJ CRS string|PROJ4|grids=|init=", re.IGNORECASE)


def check_geopackage(path: Path, label: str) -> None:
    """Refuse what is no GeoPackage, or one that does more than store tables.

    Parameters
    ----------
    path
        The file.
    label
        What it is called, for messages.

    Raises
    ------
    InputError
        The file is no SQLite database with the application id of a GeoPackage, or a damaged one; or it holds views
        (but the two of the standard), virtual tables (but spatial indices) or computed columns, whose contents are
        whatever their author made the database compute.
    """
    with path.open("rb") as stream:
        head = stream.read(_APPLICATION_AT + 4)
    if not head.startswith(_SQLITE) or head[_APPLICATION_AT:] not in _APPLICATION_IDS:
        raise _unreadable(label, "GeoPackage")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as database:
            harmless = all(
                _is_plain(database, *row)
                for row in database.execute(
                    "SELECT type, name, rootpage, sql FROM sqlite_master WHERE type IN ('table', 'view')"
                ).fetchall()
            )
    except sqlite3.DatabaseError as error:
        raise _unreadable(label, "GeoPackage") from error
    if not harmless:
        raise refusal(
            label,
            "里有视图、虚表或计算列，请在 QGIS 中把图层另存为新的 GeoPackage",
            "holds views, virtual tables or computed columns; save the layer as a new GeoPackage in QGIS",
        )


def _is_plain(database: sqlite3.Connection, kind: str, name: str, rootpage: int, sql: str) -> bool:
    if kind == "view":
        return name in _OGC_VIEWS
    if not rootpage:
        return _INDEX.fullmatch(sql) is not None
    columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    return not any(hidden for (hidden,) in columns)


def check_shapefile(shp: Path, label: str) -> None:
    """Refuse a ``.shp`` or ``.shx`` that does not begin as the format prescribes.

    Parameters
    ----------
    shp
        The ``.shp``; its ``.shx`` lies beside it.
    label
        What the shapefile is called, for messages.

    Raises
    ------
    InputError
        One of the two is something else.
    """
    for path in (member for member in shp.parent.iterdir() if member.stem == shp.stem):
        if path.suffix.lower() in {".shp", ".shx"}:
            with path.open("rb") as stream:
                head = stream.read(_SHAPE_HEADER)
            if len(head) < _SHAPE_HEADER or head[:4] != _SHAPE_CODE or head[28:32] != _SHAPE_VERSION:
                raise _unreadable(label, "shapefile")


def checked_crs(crs: CRS | None, label: str) -> CRS | None:
    """Return the coordinate system that a file carries, unless it would make PROJ open further files.

    Parameters
    ----------
    crs
        What the file carries; None: nothing.
    label
        The file, for messages.

    Raises
    ------
    InputError
        Its definition names grids of shifts, or is a string of PROJ parameters.
    """
    if crs is not None and _OUTSIDE.search(crs.to_wkt()):
        raise refusal(
            label,
            "自带的坐标系定义引用了别的文件（格网改正），不能使用，请另存为 WGS 84（EPSG:4326）",
            "its coordinate system refers to other files (grids of shifts); save it in WGS 84 (EPSG:4326)",
        )
    return crs


def _unreadable(label: str, form: str) -> InputError:
    return refusal(
        label,
        "文件无法读取，可能已损坏或内容与后缀不符，请重新导出",
        f"the file cannot be read as a {form}: it is damaged or something else; export it again",
    )
