"""Siting against its peers in one process: CPU and wall-clock seconds, values, bounds and ratios at three sizes.

Run ``python tests/benchmarks/reach/bench_siting.py [--sizes small,medium,large] [--limit 60] [--data DIR]``. Streets
are those of the folder of prepared graphs beside the checkout; where it is absent, a lattice with random lengths
stands in. Peers that are not installed are named and skipped. CPU time is of this process and its children, compiled
code warm.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, identity, vstack

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY))

from gis_service.reach.network import WalkingNetwork, build_network  # noqa: E402 the path comes first
from gis_service.reach.siting.cover import set_cover  # noqa: E402
from gis_service.reach.siting.distances import walk_matrix  # noqa: E402
from gis_service.reach.siting.maximal import maximal_cover  # noqa: E402
from gis_service.reach.siting.pmedian import p_median  # noqa: E402
from gis_service.reach.siting.problem import SitingProblem  # noqa: E402
from gis_service.reach.snapping import Snaps  # noqa: E402

CUTOFF_M, LONGEST_M = 1125.0, 2250.0
SPEED_M_PER_S = 1.25
MOST_PAIRS_OF_PEERS = 30_000_000
"""Peers that want every pair of demand and candidate are not given more than this."""


@dataclass(frozen=True)
class Size:
    """An instance: which streets, how many demand points, candidates and sites to open."""

    streets: str
    demand: int
    candidates: int
    count: int
    lattice_side: int


SIZES = {
    "small": Size("heidelberg", 1_000, 100, 10, 170),
    "medium": Size("heidelberg", 5_000, 500, 20, 170),
    "large": Size("toulouse", 100_000, 2_000, 100, 390),
}


def cpu_s() -> float:
    """Return the CPU time of this process and its children so far [s]."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def network_of(size: Size, data: Path) -> WalkingNetwork:
    """Return the walking network of a size, with straight edges."""
    file = data / f"{size.streets}.npz"
    if file.exists():
        graph = np.load(file)
        u, v, length_m, xy = graph["u"], graph["v"], graph["w"] * SPEED_M_PER_S, graph["lonlat"]
    else:
        print(f"{file.name} is not there: a lattice of {size.lattice_side}² corners stands in")
        u, v, length_m, xy = lattice(size.lattice_side)
    nodes = gpd.GeoDataFrame({"node": np.arange(len(xy))}, geometry=shapely.points(xy))
    lines = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    edges = gpd.GeoDataFrame({"u": u, "v": v, "length_m": length_m}, geometry=lines)
    return build_network(nodes, edges, min_component_m=0.0)


def lattice(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return ends, lengths [m] and places of a lattice of streets."""
    number = np.arange(side * side).reshape(side, side)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    length_m = np.random.default_rng(7).uniform(60.0, 140.0, len(u))
    return u, v, length_m, np.column_stack(np.divmod(number.ravel(), side)).astype(float)


def at_nodes(network: WalkingNetwork, nodes: np.ndarray) -> Snaps:
    """Return points that stand on nodes, each on one of the edges that meet there."""
    edge = np.full(len(network.node_xy), -1)
    edge[network.edges.v] = np.arange(len(network.edges.v))
    edge[network.edges.u] = np.arange(len(network.edges.u))
    edge = edge[nodes]
    return Snaps(edge, (network.edges.u[edge] != nodes).astype(float), np.zeros(len(nodes)))


def problem_of(size: Size, data: Path) -> SitingProblem:
    """Return demand and candidates drawn from the nodes of the streets, with 1 to 40 households each."""
    network, rng = network_of(size, data), np.random.default_rng(42)
    demand = np.sort(rng.choice(len(network.node_xy), size.demand, replace=False))
    sites = np.sort(rng.choice(len(network.node_xy), size.candidates, replace=False))
    households = rng.integers(1, 41, size.demand).astype(float)
    walk_matrix(network, at_nodes(network, demand[:2]), at_nodes(network, sites[:2]), limit_m=LONGEST_M)
    before = cpu_s()
    walks = walk_matrix(network, at_nodes(network, demand), at_nodes(network, sites), limit_m=LONGEST_M)
    print(f"  walk matrix: {walks.nnz:,} pairs in {cpu_s() - before:.2f} s CPU")
    ids = tuple(f"{k:06d}" for k in range(size.candidates))
    return SitingProblem(walks, households, np.full(size.demand, np.inf), ids)


def ours(problem: SitingProblem, job: str, count: int, limit_s: float) -> tuple[float, float]:
    """Return objective and bound of this package."""
    if job == "set cover":
        found = set_cover(problem, cutoff_m=CUTOFF_M, time_limit_s=limit_s)
    elif job == "maximal cover":
        found = maximal_cover(problem, cutoff_m=CUTOFF_M, count=count, time_limit_s=limit_s)
    else:
        found = p_median(problem, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M, time_limit_s=limit_s)
    return found.objective, found.bound


def milp_alone(problem: SitingProblem, job: str, count: int, limit_s: float) -> tuple[float, float]:
    """Return objective and bound of HiGHS on the textbook programme; covering merges demand with equal candidates."""
    candidates = len(problem.candidate_ids)
    options = {"time_limit": limit_s, "mip_rel_gap": 1e-6}
    if job == "p-median":
        return _median_alone(problem, count, options)
    near = problem.walk_m.tocoo()
    kept = near.data <= CUTOFF_M
    cover = csr_array((np.ones(int(kept.sum())), (near.coords[0][kept], near.coords[1][kept])), shape=near.shape)
    weight: dict[bytes, float] = {}
    for i in range(cover.shape[0]):
        key = cover.indices[cover.indptr[i] : cover.indptr[i + 1]].tobytes()
        weight[key] = weight.get(key, 0.0) + problem.households[i]
    weight.pop(b"", None)
    columns = [np.frombuffer(key, cover.indices.dtype) for key in weight]
    rows = len(columns)
    row = np.repeat(np.arange(rows), [len(each) for each in columns])
    matrix = csr_array((np.ones(len(row)), (row, np.concatenate(columns))), shape=(rows, candidates))
    if job == "set cover":
        found = milp(
            np.ones(candidates),
            integrality=np.ones(candidates),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, 1, np.inf),
            options=options,
        )
        return _value(found.fun), _value(found.mip_dual_bound)
    chosen = csr_array(np.r_[np.ones(candidates), np.zeros(rows)][None, :])
    found = milp(
        np.r_[np.zeros(candidates), -np.array(list(weight.values()))],
        integrality=np.r_[np.ones(candidates), np.zeros(rows)],
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(hstack([matrix, -identity(rows)]), 0, np.inf),
            LinearConstraint(chosen, -np.inf, count),
        ],
        options=options,
    )
    return -_value(found.fun), -_value(found.mip_dual_bound)


def _median_alone(problem: SitingProblem, count: int, options: dict[str, float]) -> tuple[float, float]:
    pairs, (demand, candidates) = problem.walk_m.tocoo(), problem.walk_m.shape
    size, each = pairs.nnz, np.arange(pairs.nnz)
    once = coo_array((np.ones(size), (pairs.coords[0], candidates + each)), shape=(demand, candidates + size))
    value = np.r_[np.ones(size), -np.ones(size)]
    opened = coo_array(
        (value, (np.r_[each, each], np.r_[candidates + each, pairs.coords[1]])), shape=(size, candidates + size)
    )
    chosen = coo_array(np.r_[np.ones(candidates), np.zeros(size)][None, :])
    found = milp(
        np.r_[np.zeros(candidates), problem.households[pairs.coords[0]] * (pairs.data - LONGEST_M)],
        integrality=np.r_[np.ones(candidates), np.zeros(size)],
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            csr_array(vstack([once, opened, chosen])), -np.inf, np.r_[np.ones(demand), np.zeros(size), count]
        ),
        options=options,
    )
    base = problem.households.sum() * LONGEST_M
    return base + _value(found.fun), base + _value(found.mip_dual_bound)


def _value(number: float | None) -> float:
    return np.nan if number is None else float(number)


def spopt_alone(problem: SitingProblem, job: str, count: int, limit_s: float) -> tuple[float, float]:
    """Return the objective of spopt with HiGHS, which tells no bound."""
    import pulp  # noqa: PLC0415 an optional peer
    from spopt.locate import LSCP, MCLP, PMedian  # noqa: PLC0415

    walks = np.full(problem.walk_m.shape, LONGEST_M)
    pairs = problem.walk_m.tocoo()
    walks[pairs.coords] = pairs.data
    if job == "set cover":
        model = LSCP.from_cost_matrix(walks[(walks <= CUTOFF_M).any(axis=1)], CUTOFF_M)
    elif job == "maximal cover":
        model = MCLP.from_cost_matrix(walks, problem.households, CUTOFF_M, p_facilities=count)
    else:
        model = PMedian.from_cost_matrix(walks, problem.households, p_facilities=count)
    solved = model.solve(pulp.HiGHS(msg=False, timeLimit=limit_s), results=False)
    return float(solved.problem.objective.value()), np.nan


def measured(
    solver: Callable[[SitingProblem, str, int, float], tuple[float, float]],
    problem: SitingProblem,
    job: str,
    count: int,
    limit_s: float,
) -> tuple[float, float, float, float]:
    """Return CPU time and wall-clock time [s], objective and bound of a solver."""
    cpu, wall = cpu_s(), time.perf_counter()
    objective, bound = solver(problem, job, count, limit_s)
    return cpu_s() - cpu, time.perf_counter() - wall, objective, bound


def peers_for(
    problem: SitingProblem, job: str
) -> dict[str, Callable[[SitingProblem, str, int, float], tuple[float, float]]]:
    """Return the peers that can be run, and say which cannot and why."""
    peers = {}
    if job != "p-median" or problem.walk_m.nnz <= MOST_PAIRS_OF_PEERS // 100:
        peers["HiGHS alone"] = milp_alone
    else:
        print(f"  {job}: HiGHS alone is not given {problem.walk_m.nnz:,} pairs (6.8 GB, no bound in 5 minutes)")
    if importlib.util.find_spec("spopt") is None or importlib.util.find_spec("pulp") is None:
        print(f"  {job}: spopt is not installed, skipped")
    elif np.prod(problem.walk_m.shape) > MOST_PAIRS_OF_PEERS:
        print(f"  {job}: spopt needs a dense matrix of {problem.walk_m.shape}, skipped")
    else:
        peers["spopt"] = spopt_alone
    return peers


def main() -> None:
    """Run the sizes asked for and print one line per job and solver."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="small,medium,large")
    parser.add_argument("--limit", type=float, default=60.0, help="time limit of every solver [s]")
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "bench" / "data" / "reach")
    options = parser.parse_args()
    for name in options.sizes.split(","):
        size = SIZES[name]
        print(f"{name}: {size.demand:,} demand points, {size.candidates:,} candidates, {size.count} sites")
        problem = problem_of(size, options.data)
        for job in ("set cover", "maximal cover", "p-median"):
            measured(ours, problem, job, size.count, options.limit)
            own_s, wall_s, objective, bound = measured(ours, problem, job, size.count, options.limit)
            gap = abs(objective - bound) / abs(objective)
            print(f"  {job}: ours {own_s:.2f} s CPU, {wall_s:.2f} s, {objective:.0f}, bound {bound:.0f}, gap {gap:.6%}")
            for peer, solver in peers_for(problem, job).items():
                their_s, _, value, their_bound = measured(solver, problem, job, size.count, options.limit)
                ratio = their_s / own_s
                print(f"  {job}: {peer} {their_s:.2f} s CPU ({ratio:.1f} ×), {value:.0f}, bound {their_bound:.0f}")
        print(f"  most memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
