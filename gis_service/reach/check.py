"""Who reaches a facility in time: every building's walk, service circles, gaps and coverage."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import round_coordinates
from gis_service.reach.bands import band_coverage
from gis_service.reach.catchments import catchments
from gis_service.reach.circles import ServiceCircles, band_circles, merged_circle
from gis_service.reach.costs import counted_facts, walking_network
from gis_service.reach.coverage import coverage
from gis_service.reach.gap_names import gap_names
from gis_service.reach.gaps import gap_clusters
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.network_account import network_account
from gis_service.reach.premises import Premises, premises_of
from gis_service.reach.rules import PACES, ReachRules
from gis_service.reach.service import capacity_summary, service_of
from gis_service.reach.snapping import ROUNDING_M, Snaps, snap
from gis_service.reach.walks import Walks, nearest_walks

__all__ = ["PACES", "ReachResult", "ReachRules", "WalksResult", "check_reach", "check_walks"]

GAP_COLUMNS = (
    "rank",
    "name",
    "community_code",
    "buildings",
    "households",
    "residents",
    "elderly",
    "nearest_walk_m",
    "mean_walk_m",
    "farthest_walk_m",
    "missing_min",
    "households_no_path",
    "facility_id",
    "facility_name",
)
"""Columns of the gaps of a result, besides their geometry."""


@dataclass(frozen=True)
class ReachResult:
    """What a reach check found.

    Parameters
    ----------
    buildings
        One row per building, sorted by id: ``id``, ``facility_id`` (the quickest to reach on foot; None: none),
        ``walk_s`` (time of that walk), ``walk_m`` (its length on the ground), ``walk_back_s`` (time of the quickest way
        back from that facility) (nan: no path), ``straight_m`` (straight line to the facility nearest as the crow
        flies, not always the same one; nan: no facility), ``covered`` (``walk_s`` within the cut-off), ``status`` (ok;
        no_network: too far from any street; no_path), ``access_m2`` (floor area per hundred households within reach
        [m²]).
    circles
        ``facility_id`` (None: all facilities together, last), ``minutes`` (of each band, ascending), ``geometry``; a
        facility that reaches no street has no row.
    catchments
        ``facility_id``, ``geometry``: the ground from which each facility is the nearest, tiling the merged circle of
        the cut-off; a facility to which nobody walks has no row.
    gaps
        See :func:`gis_service.reach.gaps.gap_clusters`, without ``centre_id`` and ``mean_walk_s``; also ``name`` (see
        :func:`gis_service.reach.gap_names.gap_names`), ``facility_name`` (None: no path or no name) and ``missing_min``
        (how many minutes the mean walk is too long; nan: no path).
    coverage
        See :func:`gis_service.reach.coverage.coverage`.
    bands
        See :func:`gis_service.reach.bands.band_coverage`.
    service
        See :func:`gis_service.reach.service.service_of`.
    summary
        Plain values for JSON: totals of the communities' buildings, how many stand outside every community, and what
        the reader has to know about network and facilities.
    """

    buildings: pd.DataFrame
    circles: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    coverage: pd.DataFrame
    bands: pd.DataFrame
    service: pd.DataFrame
    summary: dict[str, Any]


@dataclass(frozen=True)
class WalksResult:
    """What walks alone tell: frames and summary as in `ReachResult`, without what depends on floor areas."""

    buildings: pd.DataFrame
    gaps: gpd.GeoDataFrame
    coverage: pd.DataFrame
    summary: dict[str, Any]


def check_reach(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    rules: ReachRules,
    *,
    estates: gpd.GeoDataFrame | None = None,
    grid_codes: pd.DataFrame | None = None,
) -> ReachResult:
    """Return who reaches a facility of the chosen kinds within the cut-off.

    A building stands at its point, or at a point inside its polygon (``ST_PointOnSurface``). It walks straight to the
    nearest street, along the streets, and straight from the street to the facility. Where stairs, crossings or slopes
    count, every comparison is one of times: circles, catchments, bands, gaps and capacities are those of the quickest
    walk.

    Parameters
    ----------
    nodes, edges
        The walking network, see :func:`gis_service.reach.costs.walking_network`.
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code``, ``geometry``.
    facilities
        Columns ``id``, ``kind``, ``geometry`` (Point) and, where known, ``name``, ``area_m2``.
    regions
        Columns ``code``, ``level``, ``parent_code``, ``geometry`` and, where known, ``name``.
    rules
        Cut-off, pace, kinds and limits.
    estates
        Columns ``name``, ``geometry``: what gaps are called by; None: by streets only.
    grid_codes
        Columns ``id`` (of a building) and ``grid_code``: the grids that coverage is counted by; None: by regions only.

    Returns
    -------
    ReachResult
        The same whatever the order of rows. All frames given and returned are in one metric CRS.

    Raises
    ------
    InputError
        The network names nodes that do not exist or has impossible lengths, or slopes are to count and no height is
        known.
    """
    walked = _walked(nodes, edges, buildings, facilities, rules)
    network, targets, reached = walked.network, walked.targets, walked.reached
    cutoffs_m = {minutes: rules.walk_of(minutes) for minutes in rules.band_minutes}
    circles = band_circles(network, targets, list(cutoffs_m.values()), walked.premises, max_gap_m=rules.max_gap_m)
    areas = catchments(network, targets, rules.cutoff_m, circles[-1].merged, walked.premises)
    nearest = np.where(reached["covered"], walked.walks.owner, -1)
    service, access_m2 = service_of(
        network, walked.origins, targets, walked.households, walked.chosen, nearest, rules.cutoff_m
    )
    told = _told(walked, circles[-1].merged, edges, regions, rules, estates)
    counted = reached.assign(walk_m=walked.walks.counted_m)
    return ReachResult(
        buildings=reached.assign(access_m2=access_m2),
        circles=_circle_frame(walked.chosen, circles, rules.band_minutes, buildings.crs),
        catchments=_areas(walked.chosen["id"].tolist(), areas, buildings.crs),
        gaps=told.gaps,
        coverage=told.coverage,
        bands=band_coverage(walked.buildings, counted, regions, cutoffs_m, grid_codes),
        service=service,
        summary=told.summary | capacity_summary(service, int(walked.households.sum())),
    )


def check_walks(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    rules: ReachRules,
) -> WalksResult:
    """Return what `check_reach` finds of walks, coverage and gaps, without drawing and measuring each facility."""
    walked = _walked(nodes, edges, buildings, facilities, rules)
    merged = merged_circle(walked.network, walked.targets, rules.cutoff_m, walked.premises, max_gap_m=rules.max_gap_m)
    return _told(walked, merged, edges, regions, rules, None)


@dataclass(frozen=True)
class _Walked:
    """Buildings and facilities on the network, and the walks of the buildings; `households` are those that count."""

    buildings: gpd.GeoDataFrame
    chosen: gpd.GeoDataFrame
    network: WalkingNetwork
    origins_xy: NDArray[np.float64]
    origins: Snaps
    targets: Snaps
    walks: Walks
    reached: pd.DataFrame
    premises: Premises
    households: NDArray[np.int64]


def _walked(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    rules: ReachRules,
) -> _Walked:
    """Return the walk of every building."""
    buildings = buildings.sort_values("id", ignore_index=True)
    chosen = facilities[facilities["kind"].isin(rules.kinds)].sort_values("id", ignore_index=True)
    network = walking_network(nodes, edges, rules)
    origins_xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    targets_xy = shapely.get_coordinates(chosen.geometry.to_numpy())
    origins = snap(network, origins_xy, max_gap_m=rules.max_gap_m)
    targets = snap(network, targets_xy, max_gap_m=rules.max_gap_m)
    walks = nearest_walks(network, origins, targets)
    reached = pd.DataFrame(
        {
            "id": buildings["id"],
            "facility_id": pd.Series(np.array([*chosen["id"], None], dtype=object)[walks.owner], dtype=object),
            "walk_m": walks.length_m,
            "walk_s": walks.counted_m / rules.speed_m_per_s,
            "walk_back_s": walks.back_m / rules.speed_m_per_s,
            "straight_m": _straight_lines(origins_xy, targets_xy),
            "covered": np.nan_to_num(walks.counted_m, nan=np.inf) <= rules.cutoff_m + ROUNDING_M,
            "status": pd.Series(
                np.select([origins.edge < 0, walks.owner < 0], ["no_network", "no_path"], "ok"), dtype=object
            ),
        }
    )
    premises = premises_of(network, buildings.geometry.to_numpy(), origins_xy, origins)
    counts = (buildings["households"] > 0) & buildings["community_code"].notna()
    households = buildings["households"].where(counts, 0).to_numpy(np.int64)
    return _Walked(buildings, chosen, network, origins_xy, origins, targets, walks, reached, premises, households)


def _told(
    walked: _Walked,
    merged: shapely.MultiPolygon,
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    rules: ReachRules,
    estates: gpd.GeoDataFrame | None,
) -> WalksResult:
    """Return what walks tell of coverage, gaps and network; gaps end where the merged circle begins."""
    buildings, chosen, reached = walked.buildings, walked.chosen, walked.reached
    gaps = gap_clusters(buildings, reached, merged)
    account = network_account(
        walked.network,
        walked.origins_xy,
        walked.origins,
        walked.walks.counted_m / rules.profile.least_effort,
        reached["covered"].to_numpy(np.bool_),
        walked.households,
        max_gap_m=rules.max_gap_m,
    )
    return WalksResult(
        buildings=reached,
        gaps=_rounded(_described(gaps, buildings, walked.origins_xy, chosen, rules, edges, regions, estates)),
        coverage=coverage(buildings, reached, regions),
        summary=_summary(buildings, reached, chosen, walked.targets) | account | counted_facts(edges, rules.profile),
    )


def _described(
    gaps: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    origins_xy: NDArray[np.float64],
    chosen: gpd.GeoDataFrame,
    rules: ReachRules,
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Return the gaps with what people call them and how far they are from being covered."""
    place = pd.Index(buildings["id"]).get_indexer(gaps["centre_id"])
    centres = np.asarray(shapely.points(origins_xy[place]), dtype=object)
    called = dict(zip(chosen["id"], chosen["name"], strict=True)) if "name" in chosen else {}
    described = gaps.drop(columns=["centre_id", "mean_walk_s"]).assign(
        facility_name=pd.Series([called.get(each) for each in gaps["facility_id"]], dtype=object),
        missing_min=gaps["mean_walk_s"] / 60.0 - rules.minutes,
        name=gap_names(centres, gaps["community_code"], edges, regions, estates),
    )
    return described[[*GAP_COLUMNS, "geometry"]]


def _straight_lines(origins_xy: NDArray[np.float64], targets_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the straight line [m] from each origin to the nearest target; nan where there is no target."""
    straight_m = np.full(len(origins_xy), np.nan)
    origins: NDArray[np.object_] = np.asarray(shapely.points(origins_xy), dtype=object)
    (origin, _), distance_m = shapely.STRtree(np.asarray(shapely.points(targets_xy), dtype=object)).query_nearest(
        origins, all_matches=False, return_distance=True
    )
    straight_m[origin] = distance_m
    return straight_m


def _circle_frame(
    chosen: gpd.GeoDataFrame, bands: list[ServiceCircles], minutes: tuple[float, ...], crs: Any
) -> gpd.GeoDataFrame:
    """Return the circles that are not empty, by facility and minutes, the merged ones last."""
    count = len(chosen) + 1
    frame = gpd.GeoDataFrame(
        {
            "facility_id": pd.Series(
                np.repeat(np.array([*chosen["id"], None], dtype=object), len(bands)), dtype=object
            ),
            "minutes": np.tile(np.array(minutes, np.float64), count),
        },
        geometry=round_coordinates(
            np.array([[*band.each, band.merged] for band in bands], dtype=object).reshape(len(bands), count).T.ravel()
        ),
        crs=crs,
    )
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


def _areas(ids: list[str], areas: NDArray[np.object_], crs: Any) -> gpd.GeoDataFrame:
    """Return the catchments that are not empty."""
    frame = gpd.GeoDataFrame({"facility_id": pd.Series(ids, dtype=object)}, geometry=round_coordinates(areas), crs=crs)
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


def _rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame on the grid of stored coordinates, so that what is loaded equals what was computed."""
    return frame.set_geometry(gpd.GeoSeries(round_coordinates(frame.geometry.to_numpy()), crs=frame.crs))


def _summary(
    buildings: gpd.GeoDataFrame, reached: pd.DataFrame, chosen: gpd.GeoDataFrame, targets: Snaps
) -> dict[str, Any]:
    """Return the totals, and what the reader has to know about facilities.

    Totals are those of `coverage`: buildings with households in a community. Those outside are told apart.
    """
    outside = (buildings["households"] > 0) & buildings["community_code"].isna()
    counted = (buildings["households"] > 0) & ~outside
    households = buildings["households"].where(counted, 0)
    return {
        "buildings": int(counted.sum()),
        "buildings_covered": int((counted & reached["covered"]).sum()),
        "households": int(households.sum()),
        "households_covered": int(households[reached["covered"]].sum()),
        "households_no_network": int(households[reached["status"] == "no_network"].sum()),
        "households_no_path": int(households[reached["status"] == "no_path"].sum()),
        "buildings_outside_communities": int(outside.sum()),
        "households_outside_communities": int(buildings["households"][outside].sum()),
        "facilities": len(chosen),
        "facilities_off_network": chosen["id"][targets.edge < 0].tolist(),
    }
