"""The indicators officials read, one row a region, and the canonical form in which they are frozen."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.region_counts import places_of, sums_by_region, with_ancestors

STATION_KINDS = ("red_station",)
"""An estate has a station when a facility of one of these kinds lies in it."""

SERVICE_KINDS = ("red_station", "service_centre", "elder_day_care", "elder_canteen", "after_school")
"""Facilities whose floor area counts as community service facility."""

BEYOND_M = 1000.0
"""Households farther than this from a service point on foot [m] are counted as beyond; 1,000 m itself is not.

Xiamen's rule of 2023 for party-mass service centres: an urban village more than 1,000 m from its community's centre
may open a branch point (hxnews.com, 2023-02-17).
"""

ROUNDING_M = 1e-6
"""Walks are sums of rounded lengths; a difference up to this [m] is none."""

SIGNIFICANT_DIGITS = 12
"""Digits of a frozen number: fewer than float64 has, so that the order of a summation does not show."""

STATUSES = ("normal", "small", "large", "conflict", "special", "empty")


def indicators(
    regions: gpd.GeoDataFrame,
    grids: pd.DataFrame,
    coverage: pd.DataFrame | None,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame,
    *,
    walks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the indicators of every region of every level.

    Parameters
    ----------
    regions
        ``code``, ``name``, ``level``, ``parent_code``, ``geometry`` (None where unknown), metric CRS.
    grids
        Grids of the plans that count (``community_code``, ``status``), one plan a community.
    coverage
        ``code`` and all and covered ``buildings``, ``households``, ``residents`` of a reach run; None: no run.
    buildings
        ``id``, ``households``, ``residents``, ``community_code``, ``estate_id``, ``geometry``, same CRS.
    facilities
        ``kind``, ``area_m2`` (nan: unknown), ``geometry``, same CRS.
    estates
        ``id``, ``geometry`` (None where unknown), same CRS.
    walks
        ``id`` of every building and ``walk_m`` (nan: no path) to the nearest facility of a reach run's kinds; None:
        no run.

    Returns
    -------
    pandas.DataFrame
        One row a region, sorted by ``code``, with ``name``, ``level``, ``parent_code`` and

        - ``communities``, ``buildings``, ``households``, ``residents`` (``<NA>``: unknown for some building);
        - ``buildings_without_community``, ``households_without_community``: not in the counts above;
        - ``grids``, ``grids_normal`` … ``grids_empty``, and ``normal_share`` of the grids with a size test, which are
          the base grids with households or residents (nan: none);
        - ``buildings_covered_share``, ``households_covered_share``, ``residents_covered_share`` (nan: no run,
          nobody, or unknown);
        - ``households_beyond_1000_m``: walk strictly more than `BEYOND_M`, or have no path (``<NA>``: no run);
        - ``estates``, ``estates_without_station``;
        - ``service_facilities``, of them ``service_facilities_area_unknown``, ``service_area_m2`` [m²] of the others
          and ``service_m2_per_100_households`` (nan: no household, or no area known although facilities exist).

    Raises
    ------
    KeyError
        A building is not among the walks.

    Notes
    -----
    A building counts in its community and everything above it. What has no community code (facilities, buildings
    outside every community) counts in the smallest region whose polygon covers it and everything above that; what no
    polygon covers counts in the regions without a parent. An estate lies where most of its buildings do, without any
    where its polygon does. It has a station when one lies in its polygon or, without one, in the convex hull of its
    buildings; an estate with neither has none.
    """
    above = with_ancestors(regions)
    communities = regions.loc[regions["level"] == "community", "code"]
    outside = buildings["community_code"].isna()
    housed, homeless = buildings[~outside], buildings[outside]
    served = facilities[facilities["kind"].isin(SERVICE_KINDS)]
    counts: tuple[tuple[Any, dict[str, Any]], ...] = (
        (communities, {"communities": np.ones(len(communities), dtype=np.int64)}),
        (housed["community_code"], _people(housed) | _beyond(housed, walks)),
        (
            places_of(homeless.geometry.to_numpy(), regions),
            {
                "buildings_without_community": np.ones(len(homeless), dtype=np.int64),
                "households_without_community": homeless["households"],
            },
        ),
        (grids["community_code"], _statuses(grids)),
        (
            _estate_places(estates, buildings, regions),
            {
                "estates": np.ones(len(estates), dtype=np.int64),
                "estates_without_station": ~_has_station(estates, buildings, facilities),
            },
        ),
        (
            places_of(served.geometry.to_numpy(), regions),
            {
                "service_facilities": np.ones(len(served), dtype=np.int64),
                "service_facilities_area_unknown": served["area_m2"].isna(),
                "service_area_m2": served["area_m2"].fillna(0.0),
            },
        ),
    )
    table = regions.set_index("code")[["name", "level", "parent_code"]].sort_index()
    for places, values in counts:
        table = table.join(sums_by_region(above, places, values))
    table["residents"] = table["residents"].astype("Int64").mask(table.pop("residents_unknown") > 0)
    beyond = table["households_beyond_1000_m"].astype("Int64")
    table["households_beyond_1000_m"] = beyond.mask(np.full(len(table), walks is None))
    return _with_shares(pd.DataFrame(table), coverage).rename_axis("code").reset_index()


def canonical_json(content: Any) -> str:
    """Return the one JSON text of a content: equal contents give equal texts, whatever made them.

    Parameters
    ----------
    content
        Mappings with text keys, sequences, text, numbers (NumPy's included), booleans, dates, None and ``<NA>``.

    Returns
    -------
    str
        Keys sorted, no spaces, Chinese as it is; numbers to 12 significant digits, whole ones without a point; nan,
        ``<NA>`` and None as ``null``; dates as ISO 8601.

    Raises
    ------
    TypeError
        A value or a key is of another type.
    ValueError
        A number is infinite.
    """
    return json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _people(housed: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "buildings": np.ones(len(housed), dtype=np.int64),
        "households": housed["households"],
        "residents": housed["residents"].fillna(0).astype("int64"),
        "residents_unknown": housed["residents"].isna(),
    }


def _beyond(housed: gpd.GeoDataFrame, walks: pd.DataFrame | None) -> dict[str, Any]:
    """Return the households of each building that walk farther than `BEYOND_M`; zero, to be masked, without a run."""
    if walks is None:
        return {"households_beyond_1000_m": np.zeros(len(housed), dtype=np.int64)}
    walk_m = walks.set_index("id")["walk_m"].loc[housed["id"]].fillna(np.inf).to_numpy()
    return {"households_beyond_1000_m": housed["households"].to_numpy() * (walk_m > BEYOND_M + ROUNDING_M)}


def _statuses(grids: pd.DataFrame) -> dict[str, Any]:
    by_status = {f"grids_{status}": grids["status"] == status for status in STATUSES}
    return {"grids": np.ones(len(grids), dtype=np.int64)} | by_status


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
    by_estate = dict(iter(buildings.dropna(subset=["estate_id"]).groupby("estate_id")))
    for position in np.flatnonzero(shapely.is_missing(shapes)):
        own = by_estate.get(estates["id"].iloc[position])
        if own is not None:
            shapes[position] = shapely.convex_hull(shapely.geometrycollections(own.geometry.to_numpy()))
    stations = facilities[facilities["kind"].isin(STATION_KINDS)].geometry.to_numpy()
    found = np.zeros(len(estates), dtype=bool)
    found[shapely.STRtree(stations).query(shapes, predicate="intersects")[0]] = True
    return found


def _with_shares(table: pd.DataFrame, coverage: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table with the shares officials read, each nan where its denominator is zero or unknown."""
    tested = table["grids"] - table["grids_special"] - table["grids_empty"]
    shares = {"normal_share": _ratio(table["grids_normal"], tested)}
    for measure in ("buildings", "households", "residents"):
        if coverage is None:
            shares[f"{measure}_covered_share"] = np.full(len(table), np.nan)
        else:
            run = coverage.set_index("code").reindex(table.index)
            shares[f"{measure}_covered_share"] = _ratio(run[f"{measure}_covered"], run[measure])
    per_100 = _ratio(100 * table["service_area_m2"], table["households"])
    unknown = (table["service_facilities"] > 0) & (
        table["service_facilities"] == table["service_facilities_area_unknown"]
    )
    shares["service_m2_per_100_households"] = np.where(unknown, np.nan, per_100)
    return table.assign(**shares)


def _ratio(part: "pd.Series[Any]", whole: "pd.Series[Any]") -> NDArray[np.float64]:
    numerator = part.to_numpy(dtype=np.float64, na_value=np.nan)
    denominator = whole.to_numpy(dtype=np.float64, na_value=np.nan)
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


def _plain(value: Any) -> Any:
    """Return a value as JSON's own types."""
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of a frozen content must be text")
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return [_plain(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else _plain_scalar(value)


def _plain_scalar(value: Any) -> bool | int | float | None:
    if pd.isna(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded
    raise TypeError(f"a {type(value).__name__} cannot be frozen")
