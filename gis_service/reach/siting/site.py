"""Where to open the next facilities of a city: candidates, the choice, and who walks where once they are open."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import round_coordinates
from gis_service.reach.check import check_walks
from gis_service.reach.costs import counted_facts, walking_network
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.siting.candidates import Candidates, generated_candidates, given_candidates
from gis_service.reach.siting.cover import set_cover
from gis_service.reach.siting.distances import siting_problem
from gis_service.reach.siting.maximal import maximal_cover
from gis_service.reach.siting.pmedian import p_median
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.result import (
    SitingResult,
    assignment_of,
    before_and_after,
    candidate_frame,
    points_at,
    summary_of,
)
from gis_service.reach.siting.rules import SitingRules
from gis_service.reach.siting.watch import Progress
from gis_service.reach.snapping import ROUNDING_M, Snaps, snap
from gis_service.reach.times import nearest_facility

GAP_COLUMNS = ("rank", "buildings", "households", "residents", "nearest_walk_m", "geometry")
"""What a siting run keeps of the gaps left: facilities are numbered in it, so none is named."""

MOST_CORNERS = 5_000
"""How many street corners are candidates at most: 150 m apart, those of more than 100 km² of dense city."""


@dataclass(frozen=True)
class _People:
    """Where buildings stand and walk to today; `rows` are those that count."""

    xy: NDArray[np.float64]
    snaps: Snaps
    walk_m: NDArray[np.float64]
    households: NDArray[np.float64]
    rows: NDArray[np.int64]


def site(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    given: gpd.GeoDataFrame | None,
    rules: SitingRules,
    progress: Progress | None = None,
) -> SitingResult:
    """Return where to open facilities beside those that stay.

    The people are those that :func:`gis_service.reach.coverage.coverage` counts; what is reported of the state with the
    sites open is what :func:`gis_service.reach.check.check_walks` finds with them.

    Parameters
    ----------
    nodes, edges
        The walking network, see :func:`gis_service.reach.costs.walking_network`.
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code``, ``geometry``.
    facilities
        Those that stay: ``id`` and ``geometry`` (Point). There may be none.
    regions
        Columns ``code``, ``level``, ``parent_code``, ``geometry``.
    given
        Candidates: ``id``, ``name``, ``geometry`` (Point), perhaps ``cost`` and ``capacity``, see
        :func:`gis_service.reach.siting.candidates.given_candidates`; None: street corners near people are taken, near
        those who are not covered or, where walking is to be shortened, near all: the `MOST_CORNERS` with most people
        at most, and ``candidates_left_out`` of the summary tells how many more there are. Its
        ``candidates_off_network`` names those too far from any street to serve anybody.
    rules
        The question.
    progress
        Told the best objective and its bound.

    Returns
    -------
    SitingResult
        The same whatever the order of rows, unless the time limit ended the search. All frames given and returned are
        in one metric CRS.

    Raises
    ------
    InputError
        The share cannot be reached (the text says which can), or numbers are out of their range.
    """
    buildings = buildings.sort_values("id", ignore_index=True)
    facilities = facilities.sort_values("id", ignore_index=True)
    network = walking_network(nodes, edges, rules.reach)
    stay = snap(network, _xy(facilities), max_gap_m=rules.reach.max_gap_m)
    people = _people(network, buildings, stay, rules)
    rows = people.rows
    cutoff_m = rules.reach.cutoff_m + ROUNDING_M
    candidates = _candidates(network, people, given, rules, cutoff_m)
    problem = siting_problem(
        network,
        Snaps(people.snaps.edge[rows], people.snaps.fraction[rows], people.snaps.gap_m[rows]),
        people.households[rows],
        stay,
        candidates,
        limit_m=rules.longest_m if rules.aim == "walk" else cutoff_m,
        max_gap_m=rules.reach.max_gap_m,
    )
    answer = _solve(problem, rules, cutoff_m, progress)
    chosen_ids = [candidates.ids[j] for j in answer.chosen]
    opened = _with_sites(facilities, candidates.xy[answer.chosen], rules)
    after = check_walks(nodes, edges, buildings, opened, regions, rules.reach)
    covered_before = np.nan_to_num(people.walk_m, nan=np.inf) <= cutoff_m
    assignment = assignment_of(after, facilities["id"].tolist(), chosen_ids, covered_before)
    frame = candidate_frame(
        candidates, None if given is None else given["name"].tolist(), answer, rules, edges, regions
    )
    return SitingResult(
        candidates=frame,
        assignment=assignment,
        gaps=after.gaps[list(GAP_COLUMNS)],
        coverage=before_and_after(buildings, assignment, after, regions),
        summary=summary_of(problem, answer, after, facilities["id"].tolist(), rules)
        | counted_facts(edges, rules.reach.profile)
        | {"candidates_left_out": candidates.left_out}
        | {"candidates_off_network": _off_network(network, candidates, rules)},
    )


def _xy(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return shapely.get_coordinates(frame.geometry.to_numpy())


def _people(network: WalkingNetwork, buildings: gpd.GeoDataFrame, stay: Snaps, rules: SitingRules) -> _People:
    xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    snaps = snap(network, xy, max_gap_m=rules.reach.max_gap_m)
    _, walk_m = nearest_facility(network, snaps, stay)
    households = buildings["households"].to_numpy(np.float64)
    rows = np.flatnonzero((households > 0) & buildings["community_code"].notna().to_numpy())
    return _People(xy, snaps, walk_m, households, rows)


def _candidates(
    network: WalkingNetwork, people: _People, given: gpd.GeoDataFrame | None, rules: SitingRules, cutoff_m: float
) -> Candidates:
    if given is not None:
        return given_candidates(given)
    wanting = people.rows
    if rules.aim == "cover":
        wanting = wanting[~(people.walk_m[wanting] <= cutoff_m)]
    return generated_candidates(
        network,
        people.xy[wanting],
        people.households[wanting],
        within_m=rules.reach.cutoff_m,
        spacing_m=rules.spacing_m,
        most=MOST_CORNERS,
    )


def _off_network(network: WalkingNetwork, candidates: Candidates, rules: SitingRules) -> list[str]:
    """Return the ids of candidates that are too far from any street to serve anybody, sorted."""
    sites = snap(network, candidates.xy, max_gap_m=rules.reach.max_gap_m)
    return sorted(id_ for id_, edge in zip(candidates.ids, sites.edge, strict=True) if edge < 0)


def _solve(problem: SitingProblem, rules: SitingRules, cutoff_m: float, progress: Progress | None) -> Siting:
    limit_s = rules.time_limit_s
    if rules.count is None:
        return set_cover(problem, cutoff_m=cutoff_m, share=rules.share, time_limit_s=limit_s, progress=progress)
    if rules.aim == "walk":
        return p_median(
            problem,
            count=rules.count,
            longest_m=rules.longest_m,
            cutoff_m=cutoff_m,
            time_limit_s=limit_s,
            progress=progress,
        )
    return maximal_cover(
        problem, cutoff_m=cutoff_m, count=rules.count, budget=rules.budget, time_limit_s=limit_s, progress=progress
    )


def _with_sites(facilities: gpd.GeoDataFrame, xy: NDArray[np.float64], rules: SitingRules) -> gpd.GeoDataFrame:
    """Return facilities that stay and sites, numbered in this order: ids of the two may be equal."""
    points = np.concatenate([facilities.geometry.to_numpy(), points_at(xy)])
    return gpd.GeoDataFrame(
        {"id": [f"{number:07d}" for number in range(len(points))], "kind": rules.reach.kinds[0]},
        geometry=round_coordinates(points),
        crs=facilities.crs,
    )
