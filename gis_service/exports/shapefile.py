"""A plan as zipped shapefiles, with short ASCII field names and a list that tells what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pandas import isna
from pandas.api.types import is_numeric_dtype

from gis_service.exports.about import BEIJING
from gis_service.exports.files import replacing
from gis_service.exports.plan_paper import PlanPaper
from gis_service.plan.rules import KIND_LABELS, STATUS_LABELS

TEXT_BYTES = 254
"""A text of a dBASE table has no more bytes than this."""
DICTIONARY = "字段说明.txt"


@dataclass(frozen=True)
class Field:
    """One field of a layer.

    Parameters
    ----------
    name, column
        Its name in the shapefile, at most ten ASCII characters, and the column it comes from.
    means
        What it means.
    """

    name: str
    column: str
    means: str


GRID_FIELDS = (
    Field("code", "code", "网格编码（文字）"),
    Field("name", "name", "网格名称"),
    Field("kind", "kind", f"类型：{'；'.join(f'{kind}＝{text.zh}' for kind, text in KIND_LABELS.items())}"),
    Field("status", "status", f"规模判定：{'；'.join(f'{key}＝{text.zh}' for key, text in STATUS_LABELS.items())}"),
    Field("comm_code", "community_code", "所属社区编码"),
    Field("comm_name", "community_name", "所属社区"),
    Field("hh", "households", "户数（户）"),
    Field("people", "residents", "常住人口（人）；空：未知"),
    Field("area_m2", "area_m2", "面积（平方米）"),
)
BUILDING_FIELDS = (
    Field("bld_id", "id", "楼栋编号"),
    Field("grid_code", "grid_code", "所在网格编码；空：不在任何网格"),
    Field("estate", "estate_name", "所属小区；空：不属于小区"),
    Field("hh", "households", "户数（户）"),
    Field("people", "residents", "常住人口（人）；空：未知"),
)


def write_shapefiles(path: Path, paper: PlanPaper) -> None:
    """Write grids (polygons) and buildings (a point in each) as one archive.

    Parameters
    ----------
    path
        A ``.zip`` file; one that exists is replaced.
    paper
        The plan.

    Raises
    ------
    InputError
        The suffix is not ``.zip`` or the folder does not exist.

    Notes
    -----
    Texts are UTF-8, as the ``.cpg`` files say; the CRS is the city's metric one, as the ``.prj`` files say. A text that
    is too long for the format is cut, and the list of fields names it. Equal plans make equal files.
    """
    grids = paper.grids.assign(
        community_code=paper.community_code,
        community_name=paper.community_name,
        area_m2=shapely.area(paper.grids.geometry.to_numpy()).round(1),
    )
    inside = gpd.GeoSeries(shapely.point_on_surface(paper.buildings.geometry.to_numpy()), crs=paper.buildings.crs)
    buildings = paper.buildings.set_geometry(inside)
    layers = (("grids", grids, GRID_FIELDS, "MultiPolygon"), ("buildings", buildings, BUILDING_FIELDS, "Point"))
    day = paper.about.made_at.astimezone(BEIJING)
    with replacing(path, ".zip") as temporary, TemporaryDirectory() as folder, ZipFile(temporary, "w") as archive:
        shortened: list[str] = []
        for layer, frame, fields, kind in layers:
            chosen, cut = _chosen(frame, fields)
            shortened += [f"{layer}: {text}" for text in cut]
            pyogrio.write_dataframe(
                chosen,
                Path(folder) / f"{layer}.shp",
                driver="ESRI Shapefile",
                geometry_type="Polygon" if kind == "MultiPolygon" else kind,
                encoding="UTF-8",
                DBF_DATE_LAST_UPDATE=day.date().isoformat(),
            )
        stamp = (day.year, day.month, day.day, day.hour, day.minute, 0)
        for file in sorted(Path(folder).iterdir()):
            _add(archive, file.name, file.read_bytes(), stamp)
        _add(archive, DICTIONARY, _dictionary(paper, shortened).encode("utf-8-sig"), stamp)


def _chosen(frame: gpd.GeoDataFrame, fields: Sequence[Field]) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the fields of a layer under their short names, and the texts that had to be cut."""
    chosen = frame[[field.column for field in fields] + ["geometry"]]
    chosen = chosen.rename(columns={field.column: field.name for field in fields})
    cut: list[str] = []
    for field in fields:
        if not is_numeric_dtype(chosen[field.name]):
            texts = [None if isna(text) else _shortened(str(text), cut) for text in chosen[field.name]]
            chosen = chosen.assign(**{field.name: np.array(texts, dtype=object)})
    return chosen, cut


def _shortened(text: str, cut: list[str]) -> str:
    short = text.encode()[:TEXT_BYTES].decode(errors="ignore")
    if short != text:
        cut.append(text)
    return short


def _dictionary(paper: PlanPaper, shortened: Sequence[str]) -> str:
    lines = [f"{paper.full_name}　{paper.title}　{paper.state}", ""]
    for layer, title, fields in (
        ("grids", "网格（面）", GRID_FIELDS),
        ("buildings", "楼栋（点，取楼栋内一点）", BUILDING_FIELDS),
    ):
        lines += [f"{layer}.shp　{title}", *(f"  {field.name:<10}  {field.means}" for field in fields), ""]
    lines += [f"坐标系　{paper.grids.crs}，单位米；文字编码 UTF-8（见 .cpg）", ""]
    lines += [f"{label}　{text}" for label, text in paper.about.lines()]
    if shortened:
        lines += ["", f"因格式所限截短的文字（原文，共 {len(shortened)} 处）", *shortened]
    return "\r\n".join(lines) + "\r\n"


def _add(archive: ZipFile, name: str, content: bytes, stamp: tuple[int, int, int, int, int, int]) -> None:
    entry = ZipInfo(name, stamp)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, BytesIO(content).getvalue())
