"""The grids of a plan as GeoJSON (RFC 7946): longitude and latitude, with totals and provenance."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_service.exports.about import About
from gis_service.exports.files import replacing
from gis_service.geo.crs import to_stored

DECIMALS = 9
"""Digits kept of a degree: 0.1 mm, so that neighbours keep sharing edges and nothing becomes invalid."""

PROPERTIES = ["code", "name", "kind", "status", "community_code", "households", "residents"]


def write_grids(path: Path, grids: gpd.GeoDataFrame, *, about: About) -> None:
    """Write grids with their totals; the provenance is the foreign member ``about``.

    Parameters
    ----------
    path
        A ``.geojson`` file; one that exists is replaced.
    grids
        ``code``, ``name``, ``kind``, ``status``, ``community_code``, ``households``, ``residents`` (``<NA>`` becomes
        ``null``), ``geometry`` in any CRS.
    about
        Provenance.

    Raises
    ------
    InputError
        The suffix is not ``.geojson`` or the folder does not exist.

    Notes
    -----
    As RFC 7946 asks: WGS 84 without a ``crs`` member, outer rings counter-clockwise, a ``bbox``.
    """
    stored = to_stored(grids).sort_values("code", ignore_index=True)
    shapes = shapely.orient_polygons(shapely.transform(stored.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS)))
    rows = stored[PROPERTIES].astype(object).where(stored[PROPERTIES].notna(), None).to_dict("records")
    features = [
        {"type": "Feature", "id": row["code"], "properties": row, "geometry": json.loads(text)}
        for row, text in zip(rows, shapely.to_geojson(shapes), strict=True)
    ]
    collection: dict[str, Any] = {"type": "FeatureCollection", "about": about.as_dict()}
    if features:
        collection["bbox"] = [float(value) for value in shapely.total_bounds(shapes)]
    with replacing(path, ".geojson") as temporary:
        text = json.dumps(collection | {"features": features}, ensure_ascii=False, allow_nan=False, default=int)
        temporary.write_text(text + "\n", encoding="utf-8")
