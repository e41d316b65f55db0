"""From an assignment of units to the grids frame: dissolve, sum, judge, number and name."""

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis_service.geo.coverage import dissolve
from gis_service.plan.codes import number_grids
from gis_service.plan.rules import Kind, Rules, judge


def grids_of(
    units: gpd.GeoDataFrame,
    labels: NDArray[np.int64],
    community_code: str,
    rules: Rules,
    taken: Collection[str] = (),
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Return the grids an assignment of units makes.

    Parameters
    ----------
    units
        The units frame of one community, a valid coverage in a metric CRS.
    labels
        Grid of each unit, in the order of ``units``; any whole numbers not below 0. A grid is special when its units
        are, and then has their name.
    community_code
        Code of the community.
    rules
        The size rule and the code pattern.
    taken
        Codes that are not to be given again.

    Returns
    -------
    grids
        The grids frame in the CRS of ``units``, sorted by code. Households and residents are the sums over the units;
        residents are ``<NA>`` as soon as one unit's are. Base grids are named by their running number.
    rows
        Row of ``grids`` for each unit.

    Raises
    ------
    InputError
        More grids than free codes.
    """
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    polygons = dissolve(units.geometry.to_numpy(), group.astype(np.int64))
    codes, numbers = number_grids(polygons, community_code, rules, taken)
    counts = units[["households", "residents"]].groupby(group)
    households = counts["households"].sum().to_numpy(np.int64)
    residents = counts["residents"].sum().astype("Int64").mask(counts["residents"].count() < counts.size()).array
    special = units["special"].to_numpy(dtype=object)[first]
    kinds: list[Kind] = ["base" if pd.isna(name) else "special" for name in special]
    names = [
        f"第{number}网格" if kind == "base" else str(name)
        for kind, name, number in zip(kinds, special, numbers, strict=True)
    ]
    statuses = [
        judge(int(h), None if pd.isna(r) else int(r), kind, rules).status
        for h, r, kind in zip(households, residents, kinds, strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": names,
            "kind": kinds,
            "status": statuses,
            "households": households,
            "residents": residents,
        },
        geometry=_multi(polygons),
        crs=units.crs,
    )
    order = np.argsort(np.array(codes, dtype=object), kind="stable")
    row = np.empty(len(order), np.int64)
    row[order] = np.arange(len(order))
    return frame.iloc[order].reset_index(drop=True), row[group]


def _multi(polygons: NDArray[np.object_]) -> list[MultiPolygon]:
    return [MultiPolygon(shapely.get_parts(polygon).tolist()) for polygon in polygons]
