"""What an audit counts: buildings with their grid and walks, grids, estates and facilities, each where it lies."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.limits import GROUP_KINDS, SERVICE_KINDS, STATION_KINDS
from gis_service.audit.region_counts import places_of

COUNTS = ("households", "residents", "elderly", "children")
WALKS = ("walk_m", "walk_s", "straight_m")


@dataclass(frozen=True)
class Inventory:
    """The things behind the figures of a city, each table sorted by id or code.

    Parameters
    ----------
    buildings
        ``id``, ``community_code`` (None: outside every community), ``estate_id``, ``grid_code`` (None: in no grid),
        ``households`` int64, ``residents``, ``elderly``, ``children`` Int64, ``facility_id`` (nearest on foot; None),
        ``walk_m``, ``walk_s``, ``straight_m``, ``elderly_walk_s``, ``children_walk_s`` (nan: no path, or nothing was
        walked), ``covered`` bool and ``place``, the smallest region it lies in.
    grids
        ``code``, ``name``, ``kind``, ``status``, ``community_code``, ``unchanged_since`` (date or None).
    estates
        ``id``, ``name``, ``place``, ``buildings``, ``households`` int64, ``has_station`` bool.
    facilities
        ``id``, ``name``, ``kind``, ``place``, ``public`` bool, ``serves`` (its floor area counts) bool, ``area_m2``
        (nan: unknown), ``households`` within the cut-off whose nearest it is Int64 (``<NA>``: did not count in the
        run), ``area_per_hundred_m2`` (nan: unknown or nobody), ``over_capacity`` bool.
    """

    buildings: pd.DataFrame
    grids: pd.DataFrame
    estates: pd.DataFrame
    facilities: pd.DataFrame


def take_inventory(
    regions: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    grids: pd.DataFrame,
    estates: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    grid_codes: pd.DataFrame,
    walks: pd.DataFrame | None = None,
    group_walks: pd.DataFrame | None = None,
    service: pd.DataFrame | None = None,
) -> Inventory:
    """Return the things behind the figures of a city.

    Parameters
    ----------
    regions, buildings, estates, facilities
        Frames of a city in one metric CRS.
    grids
        Grids of the plans that count, one plan a community, with ``community_code`` and ``unchanged_since``.
    grid_codes
        ``building_id`` and ``grid_code`` of the buildings that lie in a grid.
    walks
        ``id`` of every building, ``facility_id``, ``walk_m``, ``walk_s``, ``straight_m``, ``covered``; None: no run.
    group_walks
        ``id`` of every building and the seconds to the nearest facility of each group, ``elderly_walk_s`` and
        ``children_walk_s`` (nan: no path); None: nothing was walked.
    service
        Service frame of the run; None: no run.

    Raises
    ------
    KeyError
        A building is not among the walks.

    Notes
    -----
    What has no community code (facilities, buildings outside every community) lies in the smallest region whose polygon
    covers it; what no polygon covers lies in the regions without a parent. An estate lies where most of its buildings
    do, without any where its polygon does. It has a station when a public one lies in its polygon or, without one, in
    the convex hull of its buildings; an estate with neither has none.
    """
    return Inventory(
        _buildings(regions, buildings, grid_codes, walks, group_walks),
        grids.sort_values("code", ignore_index=True),
        _estates(regions, estates, buildings, facilities),
        _facilities(regions, facilities, service),
    )


def _buildings(
    regions: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    grid_codes: pd.DataFrame,
    walks: pd.DataFrame | None,
    group_walks: pd.DataFrame | None,
) -> pd.DataFrame:
    ordered = buildings.sort_values("id", ignore_index=True)
    ids = ordered["id"]
    table = pd.DataFrame({"id": ids, "community_code": ordered["community_code"], "estate_id": ordered["estate_id"]})
    table["grid_code"] = _text(ids.map(grid_codes.set_index("building_id")["grid_code"]))
    for name in COUNTS:
        table[name] = ordered[name].astype("int64" if name == "households" else "Int64")
    found = _of(walks, ids, ("facility_id", *WALKS, "covered"))
    table["facility_id"] = _text(found["facility_id"])
    for name in WALKS:
        table[name] = found[name].to_numpy(np.float64)
    table["covered"] = found["covered"].to_numpy() == True  # noqa: E712 None, where nothing was walked, is not covered
    groups = tuple(f"{group}_walk_s" for group in GROUP_KINDS)
    of_groups = _of(group_walks, ids, groups)
    for name in groups:
        table[name] = of_groups[name].to_numpy(np.float64)
    outside = ordered["community_code"].isna().to_numpy()
    place = ordered["community_code"].to_numpy(dtype=object, copy=True)
    place[outside] = places_of(ordered.geometry.to_numpy()[outside], regions)
    return table.assign(place=place)


def _of(walks: pd.DataFrame | None, ids: "pd.Series[str]", names: tuple[str, ...]) -> pd.DataFrame:
    """Return columns of walks in the order of `ids`; nan and None where nothing was walked."""
    if walks is None:
        return pd.DataFrame(dict.fromkeys(names, np.full(len(ids), np.nan)))
    return walks.set_index("id")[list(names)].loc[ids.to_list()].reset_index(drop=True)


def _text(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return values.astype(object).where(values.notna(), None)


def _estates(
    regions: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame
) -> pd.DataFrame:
    ordered = estates.sort_values("id", ignore_index=True)
    own = buildings.dropna(subset=["estate_id"]).groupby("estate_id")["households"]
    return pd.DataFrame(
        {
            "id": ordered["id"],
            "name": ordered["name"],
            "place": _estate_places(ordered, buildings, regions),
            "buildings": ordered["id"].map(own.size()).fillna(0).astype("int64"),
            "households": ordered["id"].map(own.sum()).fillna(0).astype("int64"),
            "has_station": _has_station(ordered, buildings, facilities),
        }
    )


def _estate_places(
    estates: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, regions: gpd.GeoDataFrame
) -> NDArray[np.object_]:
    """Return the community where most buildings of each estate lie (ties: first by code), else the region around it."""
    housed = buildings.dropna(subset=["estate_id", "community_code"])
    counts = housed.groupby(["estate_id", "community_code"]).size().rename("count").reset_index()
    largest = counts.sort_values(["count", "community_code"], ascending=[False, True]).drop_duplicates("estate_id")
    by_buildings = estates["id"].map(largest.set_index("estate_id")["community_code"])
    around = places_of(estates.geometry.to_numpy(), regions)
    return np.where(by_buildings.notna(), by_buildings, around).astype(object)


def _has_station(
    estates: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame
) -> NDArray[np.bool_]:
    """Return whether a station lies in the polygon of each estate or, without one, in the hull of its buildings."""
    shapes = estates.geometry.to_numpy().copy()
    missing = np.flatnonzero(shapely.is_missing(shapes))
    own = buildings[buildings["estate_id"].isin(estates["id"].iloc[missing])]
    by_estate = dict(iter(own.groupby("estate_id")))
    for position in missing:
        members = by_estate.get(estates["id"].iloc[position])
        if members is not None:
            shapes[position] = shapely.convex_hull(shapely.geometrycollections(members.geometry.to_numpy()))
    counts = facilities["kind"].isin(STATION_KINDS) & facilities["public"]
    found = np.zeros(len(estates), dtype=bool)
    found[shapely.STRtree(shapes).query(facilities[counts].geometry.to_numpy(), predicate="intersects")[1]] = True
    return found


def _facilities(regions: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, service: pd.DataFrame | None) -> pd.DataFrame:
    ordered = facilities.sort_values("id", ignore_index=True)
    none = pd.DataFrame(columns=["facility_id", "households", "area_per_hundred_m2", "over_capacity"])
    served = (none if service is None else service).set_index("facility_id")
    ids = ordered["id"]
    return pd.DataFrame(
        {
            "id": ids,
            "name": ordered["name"],
            "kind": ordered["kind"],
            "place": places_of(ordered.geometry.to_numpy(), regions),
            "public": ordered["public"].astype(bool),
            "serves": ordered["kind"].isin(SERVICE_KINDS) & ordered["public"].astype(bool),
            "area_m2": ordered["area_m2"].astype("float64"),
            "households": ids.map(served["households"]).astype("Int64"),
            "area_per_hundred_m2": ids.map(served["area_per_hundred_m2"]).astype("float64"),
            "over_capacity": ids.map(served["over_capacity"]).to_numpy() == True,  # noqa: E712 unknown is not over
        }
    )
