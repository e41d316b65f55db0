"""Independent checks of a reach run: bounds every walk must obey, and walks searched again another way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.audit.walk_case import TOLERANCE_M, WalkCase, fault, lay_out
from gis_service.audit.walk_graph import TIE_M
from gis_service.audit.walk_neighbours import check_neighbours
from gis_service.audit.walk_rules import WalkRules, is_plain
from gis_service.audit.walk_sample import check_sample
from gis_service.plan.findings import Finding

LEAST_EFFORT = {"off": 1.0, "tobler": 0.839}
"""Least that a metre counts: as much as on the level, or down a slope of 5 % by Tobler's function."""
LINE_SHARE = 0.01
LINE_M = 5.0
"""A walk may fall short of the straight line by 1 % + 5 m, because published street lengths are rounded."""


def audit_reach(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    reach_buildings: pd.DataFrame,
    rules: WalkRules,
    *,
    sample: int,
    rng: np.random.Generator,
) -> list[Finding]:
    """Return everything that is wrong with the walks of a reach run.

    Parameters
    ----------
    nodes, edges
        The walking network (``node``; ``u``, ``v``, ``length_m``), in the city's metric CRS [m].
    buildings
        ``id`` and ``geometry``, same CRS; one walks from a representative point of the footprint.
    facilities
        ``id``, ``kind``, ``public``, ``geometry``, same CRS; public ones of the rules' kinds count.
    reach_buildings
        Results by building: ``id``, ``facility_id``, ``walk_m``, ``walk_s``, ``walk_back_s`` (nan: no path),
        ``straight_m`` (to the facility nearest as the crow flies; nan: none counts), ``covered``, ``status``.
    rules
        Parameters of the run.
    sample
        How many buildings are searched again; all of them where there are fewer.
    rng
        Chooses the sample.

    Returns
    -------
    list of Finding
        One fault for each building and kind of contradiction, sorted; empty for a sound run.

    Notes
    -----
    Walks are held against each other by what they count, the level street that takes as long. With ``w`` a walk, ``g``
    the straight line from a building to its street and ``d`` the walk between two places on streets, the triangle
    inequality bounds neighbours by ``w(a) - g(a) <= d(a, b) + w(b) - g(b)``: from a one may walk to b's place on the
    street and on as b does. It is checked for all buildings on the same street edge and on edges that meet; a facility
    bounds the buildings around it in the same way. The sample is searched from the buildings with vertices of their own
    in the graph, and the owner must be nearest up to ties; where more than lengths counts, also the metres walked and
    the way back.
    """
    case = lay_out(nodes, edges, buildings, facilities, reach_buildings, rules=rules)
    return sorted(
        [
            *_check_rows(buildings, reach_buildings),
            *_check_values(case.results, rules),
            *_check_straight_lines(case),
            *_check_nearest_straight_lines(case),
            *check_neighbours(case),
            *check_sample(case, sample, rng),
        ]
    )


def _check_rows(buildings: gpd.GeoDataFrame, reach_buildings: pd.DataFrame) -> list[Finding]:
    """Return buildings without a result, results of unknown buildings and results given twice."""
    wanted, given = set(buildings["id"]), reach_buildings["id"]
    remarks = (
        ("walk_missing", wanted - set(given), "没有步行结果", "has no walk"),
        ("walk_of_unknown_building", set(given) - wanted, "不在楼栋表中", "has a walk but is not a building"),
        ("walk_repeated", set(given[given.duplicated()]), "有两条步行结果", "has two walks"),
    )
    return [
        fault(kind, building, f"楼栋 {building} {zh}", f"building {building} {en}")
        for kind, ids, zh, en in remarks
        for building in sorted(ids)
    ]


def _check_values(results: gpd.GeoDataFrame, rules: WalkRules) -> list[Finding]:
    """Return results whose status, distance, time and coverage contradict each other."""
    walk_m = results["walk_m"].to_numpy(dtype=np.float64)
    walk_s = results["walk_s"].to_numpy(dtype=np.float64)
    covered = results["covered"].to_numpy(dtype=bool)
    reached = (results["status"] == "ok").to_numpy()
    complete = results["facility_id"].notna().to_numpy() & np.isfinite(walk_m) & np.isfinite(walk_s)
    empty = results["facility_id"].isna().to_numpy() & np.isnan(walk_m) & np.isnan(walk_s) & ~covered
    counted_m = results["counted_m"].to_numpy(dtype=np.float64)
    back_s = results["walk_back_s"].to_numpy(dtype=np.float64)
    quick = walk_s * rules.speed_m_per_s < LEAST_EFFORT[rules.slope] * walk_m - TIE_M
    slow = is_plain(rules) & ~np.isclose(walk_s, walk_m / rules.speed_m_per_s, rtol=1e-9, atol=1e-6)
    uneven = (rules.slope == "off") & ~np.isclose(back_s, walk_s, rtol=1e-9, atol=1e-6)
    cutoff_m = rules.minutes * 60 * rules.speed_m_per_s
    undecided = np.abs(counted_m - cutoff_m) <= TIE_M
    limit = f"{rules.minutes:g} min × {rules.speed_m_per_s:g} m/s = {cutoff_m:g} m"
    remarks = (
        (
            "walk_status_wrong",
            np.where(reached, ~complete, ~empty),
            "的状态与设施、步行距离或时间矛盾",
            "has a status that contradicts its facility, distance or time",
        ),
        (
            "walk_time_wrong",
            complete & (slow | quick),
            f"的步行时间与距离和速度 {rules.speed_m_per_s:g} m/s 不符",
            f"has a time that does not go with its distance and {rules.speed_m_per_s:g} m/s",
        ),
        (
            "walk_back_wrong",
            complete & uneven,
            "不计坡度，返程时间却与去程不同",
            "takes another time back than there although slopes do not count",
        ),
        (
            "walk_covered_wrong",
            complete & ~undecided & (covered != (counted_m <= cutoff_m)),
            f"的覆盖标记与界限（{limit}，含）不符",
            f"has a coverage flag that contradicts the cut-off ({limit}, inclusive)",
        ),
    )
    return [
        fault(
            kind, results["id"].iloc[i], f"楼栋 {results['id'].iloc[i]} {zh}", f"building {results['id'].iloc[i]} {en}"
        )
        for kind, wrong, zh, en in remarks
        for i in np.flatnonzero(wrong)
    ]


def _check_straight_lines(case: WalkCase) -> list[Finding]:
    """Return walks to unknown facilities, and walks shorter than the straight line allows."""
    ids, owners = case.results["id"].to_numpy(), case.results["facility_id"]
    walk_m = case.results["walk_m"].to_numpy(dtype=np.float64)
    place = pd.Index(case.facilities["id"]).get_indexer(owners)
    strange = owners.notna().to_numpy() & (place < 0)
    findings = [
        fault(
            "walk_to_unknown_facility",
            ids[i],
            f"楼栋 {ids[i]} 的最近设施 {owners[i]} 不在参与计算的设施中",
            f"building {ids[i]} walks to facility {owners[i]}, which does not count",
        )
        for i in np.flatnonzero(strange)
    ]
    named = np.flatnonzero(place >= 0)
    straight_m = shapely.distance(case.points[named], case.facilities.geometry.to_numpy()[place[named]])
    short = walk_m[named] < straight_m * (1 - LINE_SHARE) - LINE_M
    findings += [
        fault(
            "walk_shorter_than_line",
            ids[i],
            f"楼栋 {ids[i]} 到设施 {owners[i]} 步行 {walk_m[i]:.1f} m，短于直线距离 {line_m:.1f} m",
            f"building {ids[i]} walks {walk_m[i]:.1f} m to {owners[i]}, less than the straight line of {line_m:.1f} m",
        )
        for i, line_m in zip(named[short], straight_m[short], strict=True)
    ]
    return findings


def _check_nearest_straight_lines(case: WalkCase) -> list[Finding]:
    """Return straight lines that are not those to the facility nearest as the crow flies."""
    expected_m = np.full(len(case.results), np.nan)
    tree = shapely.STRtree(case.facilities.geometry.to_numpy())
    (row, _), distance_m = tree.query_nearest(case.points, return_distance=True, all_matches=False)
    expected_m[row] = distance_m
    ids, straight_m = case.results["id"].to_numpy(), case.results["straight_m"].to_numpy(dtype=np.float64)
    wrong = ~np.isclose(straight_m, expected_m, rtol=0, atol=TOLERANCE_M, equal_nan=True)
    return [
        fault(
            "straight_line_wrong",
            ids[i],
            f"楼栋 {ids[i]} 的直线距离记为 {straight_m[i]:.2f} m，复算为 {expected_m[i]:.2f} m",
            f"building {ids[i]} has a straight line of {straight_m[i]:.2f} m stored but it is {expected_m[i]:.2f} m",
        )
        for i in np.flatnonzero(wrong)
    ]
