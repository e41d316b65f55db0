"""Small communities with buildings, barriers, estates and special grids drawn by hand."""

import geopandas as gpd
import pandas as pd
from shapely import box

from gis_service.partition.community import CommunityInput
from gis_service.plan.rules import Rules

CRS = "EPSG:4549"
COUNTS = ("residents", "elderly", "children", "floors")


def building(name, geometry, households=10, estate=None, **counts):
    return {"id": name, "households": households, "estate_id": estate, "geometry": geometry, **counts}


def frame(rows, columns):
    table = pd.DataFrame(rows, columns=[*columns, "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS)


def community(buildings=(), *, land=None, barriers=(), estates=(), special=(), rules=None):
    table = frame(buildings, ("id", "households", "estate_id", *COUNTS))
    table = table.astype({"households": "int64", **dict.fromkeys(COUNTS, "Int64")})
    return CommunityInput(
        code="350982001007",
        name="试验社区",
        geometry=land or box(0, 0, 200, 100),
        buildings=table,
        barriers=frame([{"kind": kind, "name": None, "geometry": line} for kind, line in barriers], ("kind", "name")),
        estates=frame([{"id": name, "name": name, "geometry": area} for name, area in estates], ("id", "name")),
        special=frame([{"code": None, "name": name, "geometry": area} for name, area in special], ("code", "name")),
        rules=rules or Rules(),
    )
