"""From an assignment of units to the grids frame: dissolve, sum, judge, number and name."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis_service.geo.coverage import dissolve
from gis_service.plan.codes import codes_of, number_grids
from gis_service.plan.rules import Kind, Rules, judge


def grids_of(
    units: gpd.GeoDataFrame,
    labels: NDArray[np.int64],
    community_code: str,
    rules: Rules,
    taken: Collection[str] = (),
    *,
    kept_codes: Mapping[int, str] = MappingProxyType({}),
    kept_names: Mapping[int, str] = MappingProxyType({}),
    taken_names: Collection[str] = (),
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
        Codes that are not to be given to grids without a kept one.
    kept_codes, kept_names
        By label: code and name of a grid that has them from before; see :func:`gis_service.plan.lineage.inherit`.
    taken_names
        Names that are not to be given to base grids without a kept one.

    Returns
    -------
    grids
        The grids frame in the CRS of ``units``, sorted by code. Households and residents are the sums over the units;
        residents are ``<NA>`` as soon as one unit's are. Base grids without a kept name are named by their running
        number.
    rows
        Row of ``grids`` for each unit.

    Raises
    ------
    InputError
        More grids than free codes.
    """
    label, first, group = np.unique(labels, return_index=True, return_inverse=True)
    polygons = dissolve(units.geometry.to_numpy(), group.astype(np.int64))
    counts = units[["households", "residents"]].groupby(group)
    households = counts["households"].sum().to_numpy(np.int64)
    residents = counts["residents"].sum().astype("Int64").mask(counts["residents"].count() < counts.size()).array
    special = units["special"].to_numpy(dtype=object)[first]
    kinds: list[Kind] = ["base" if pd.isna(name) else "special" for name in special]
    known = codes_of(community_code, rules)
    barred = {*taken, *kept_codes.values(), *_codes_of_names({*taken_names, *kept_names.values(), *special}, known)}
    new = np.array([grid not in kept_codes for grid in label.tolist()])
    codes = np.array([kept_codes.get(grid) for grid in label.tolist()], dtype=object)
    codes[new] = number_grids(polygons[new], community_code, rules, barred)
    names = [
        kept_names.get(grid, _name_of(known[code])) if kind == "base" else str(name)
        for grid, code, kind, name in zip(label.tolist(), codes, kinds, special, strict=True)
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
    order = np.argsort(codes, kind="stable")
    row = np.empty(len(order), np.int64)
    row[order] = np.arange(len(order))
    return frame.iloc[order].reset_index(drop=True), row[group]


def _name_of(number: int) -> str:
    return f"第{number}网格"


def _codes_of_names(names: Collection[object], known: Mapping[str, int]) -> Iterator[str]:
    """Yield the codes whose grids would be named by their numbers as others are already."""
    return (code for code, number in known.items() if _name_of(number) in names)


def _multi(polygons: NDArray[np.object_]) -> list[MultiPolygon]:
    return [MultiPolygon(shapely.get_parts(polygon).tolist()) for polygon in polygons]
