"""GeoJSON taken apart and put together again, so that nothing but features and a named CRS reaches GDAL."""

import json
import re
from collections.abc import Mapping
from typing import Any

from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.notes import refusal

_KNOWN_CRS = re.compile(r"(urn:ogc:def:crs:)?(EPSG:[\d.]*:?\d+|OGC:[\d.]*:?CRS(84h?|83|27))", re.IGNORECASE)
_SHAPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def plain_geojson(spec: FileSpec, text: str) -> bytes:
    """Return the features of a GeoJSON text as a collection without anything else.

    Parameters
    ----------
    spec
        The file, for messages; tells whether its coordinate system is declared outside of it.
    text
        What is in it.

    Returns
    -------
    bytes
        A ``FeatureCollection`` in UTF-8 whose features have ``id``, ``properties`` and ``geometry`` only, with the CRS
        that the file names by EPSG or OGC code. Other members, among them links that GDAL would follow, are left out.

    Raises
    ------
    InputError
        The text is no JSON, or no collection of features; or it names a CRS by anything but a code, and none is
        declared.
    """
    try:
        whole = json.loads(text)
        features = [_feature(feature) for feature in _features(whole)]
    except (ValueError, TypeError, RecursionError) as error:
        raise refusal(
            spec.label,
            "文件无法读取，可能已损坏或内容与后缀不符，请重新导出",
            f"the file cannot be read as GeoJSON ({type(error).__name__}); export it again",
        ) from error
    crs = {} if whole.get("crs") is None else _crs(spec, whole["crs"])
    return json.dumps({"type": "FeatureCollection", **crs, "features": features}).encode()


def _features(whole: Any) -> list[Any]:
    kind = _member(whole, "type")
    if kind == "Feature":
        return [whole]
    if kind == "FeatureCollection":
        return _listed(whole, "features")
    return [{"type": "Feature", "geometry": whole}]


def _member(whole: Any, name: str) -> Any:
    if not isinstance(whole, Mapping):
        raise TypeError(name)
    return whole.get(name)


def _listed(whole: Mapping[str, Any], name: str) -> list[Any]:
    values = whole.get(name)
    if not isinstance(values, list):
        raise TypeError(name)
    return values


def _feature(feature: Any) -> dict[str, Any]:
    if _member(feature, "type") != "Feature":
        raise TypeError("Feature")
    properties, number = feature.get("properties"), feature.get("id")
    return {
        "type": "Feature",
        **({"id": number} if isinstance(number, int | float | str) else {}),
        "properties": properties if isinstance(properties, Mapping) else None,
        "geometry": _geometry(feature.get("geometry")),
    }


def _geometry(shape: Any) -> dict[str, Any] | None:
    if shape is None:
        return None
    kind = _member(shape, "type")
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [_geometry(part) for part in _listed(shape, "geometries")]}
    if kind not in _SHAPES:
        raise TypeError(kind)
    return {"type": kind, "coordinates": _listed(shape, "coordinates")}


def _crs(spec: FileSpec, member: Any) -> dict[str, Any]:
    """Return the member ``crs`` where it is a code; nothing where another coordinate system is declared."""
    said = member.get("properties") if isinstance(member, Mapping) else None
    code = said.get("code") if isinstance(said, Mapping) else None
    name = f"EPSG:{code}" if isinstance(code, int) else said.get("name") if isinstance(said, Mapping) else None
    if isinstance(name, str) and _KNOWN_CRS.fullmatch(name):
        return {"crs": {"type": "name", "properties": {"name": name}}}
    if spec.crs is not None or spec.datum is not None:
        return {}
    raise refusal(
        spec.label,
        "里的 crs 不是 EPSG 编号，读不出坐标系，请另存为 WGS 84（EPSG:4326）的 GeoJSON",
        "its crs is no EPSG code, so the coordinate system is unknown; save it as GeoJSON in WGS 84 (EPSG:4326)",
    )
