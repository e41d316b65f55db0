"""The engine beside its peers: share in range, shape, CPU time, memory and growth on the same graphs and counts.

    python tests/benchmarks/partition/bench_engine.py [--harness DIR] [--cities 4] [--only WORD] [--limit 120]

Cities come from the project's own generator; ``--harness`` adds the prepared graphs of a folder. Peers that cannot be
imported are named and left out. All solvers run in this one process, compiled code warm and modules loaded, each in a
fork of its own, so that its memory can be told apart and a time limit can end it. Shares of several communities are
over all of their grids. CPU time is that of the solver alone; the ratio is to the engine's.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import gc
import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from instances import RULES, Case, demo_cases, harness_cases
from peers import OURS, PEERS, Peer, engine, proven
from ruler import Worth, worth_of

from gis_service.partition.pool import SAME_ENERGY
from gis_service.partition.refinement import PartBound, share_in_range
from gis_service.plan.arithmetic import Totals, target_count

HEAD = """\
| solver | grids | in range | in range, one piece | in pieces | mean PP | CPU ms a unit | ratio | MB |
|---|---|---|---|---|---|---|---|---|"""
SMALL_UNITS = 40
"""Parts of up to so many units are to be solved to the optimum (inclusive)."""
_KB_PER_MB = 1024


@dataclass(frozen=True)
class Measured:
    """What a solver did on a case.

    Parameters
    ----------
    worth
        What its grids are worth.
    failed
        Communities for which it found no answer; each counts as one grid.
    cpu_s, memory_mb
        CPU time [s], and by how much the process grew [MB].
    """

    worth: Worth
    failed: int
    cpu_s: float
    memory_mb: float


def run(case: Case, peer: Peer, seed: int) -> Measured:
    """Return what a solver does on a case, community by community."""
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worth, failed, cpu_s = Worth(), 0, 0.0
    for instance in case.communities:
        n = len(instance.households)
        count = min(target_count(Totals(int(instance.households.sum())), RULES), n)
        labels = np.zeros(n, np.int64)
        begin = time.process_time()
        if count > 1:
            try:
                labels = peer.solve(instance, count, seed)
            except Exception:  # noqa: BLE001 whatever a peer raises, it has no answer
                failed += 1
        cpu_s += time.process_time() - begin
        worth += worth_of(instance, labels)
    after_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measured(worth, failed, cpu_s, (after_kb - before_kb) / _KB_PER_MB)


def _send(answer: Connection, case: Case, peer: Peer, seed: int) -> None:
    answer.send(run(case, peer, seed))


def run_apart(case: Case, peer: Peer, seed: int, limit_s: float) -> Measured | None:
    """Return what a solver does in a fork of this process, None where it does not end in time or dies."""
    gc.collect()
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=_send, args=(there, case, peer, seed))
    child.start()
    there.close()
    try:
        return here.recv() if here.poll(limit_s) else None
    except EOFError:
        return None
    finally:
        child.kill()
        child.join()


def line_of(name: str, found: Measured | None, own: Measured, case: Case, limit_s: float) -> str:
    """Return a row of the table."""
    if found is None:
        return f"| {name} | no answer in {limit_s:.0f} s | | | | | | | |"
    worth = found.worth
    failed = f", {found.failed} without an answer" if found.failed else ""
    return (
        f"| {name}{failed} | {worth.grids} | {worth.in_range / worth.grids:.2%} | {worth.good / worth.grids:.2%} "
        f"| {worth.in_pieces} | {worth.compactness / worth.grids:.3f} | {1000 * found.cpu_s / case.units:.3f} "
        f"| {found.cpu_s / own.cpu_s:.2f} | {found.memory_mb:.0f} |"
    )


def warm_up(case: Case) -> None:
    """Compile the engine's kernels: no first start is measured."""
    for instance in case.communities[:3]:
        proven(instance, engine(instance, 1, 1))


def present_peers() -> Iterator[tuple[str, Peer]]:
    """Yield the solvers that can be run and name the others."""
    for name, peer in PEERS.items():
        missing = peer.absent()
        if missing is None:
            yield name, peer
        else:
            print(f"{name}: absent ({missing} cannot be imported)")


def bounds_line(case: Case, seed: int) -> str:
    """Return what is proven about the engine's answer to a case."""
    bounds = []
    for instance in case.communities:
        bounds += proven(instance, engine(instance, 1, seed))[1]
    forced, missed = sum(bound.forced for bound in bounds), sum(bound.missed for bound in bounds)
    return (
        f"{missed} grids out of range, {forced} of them proven to be forced; of the others "
        f"{share_in_range(tuple(bounds)):.2%} in range. Solved to the proven optimum: "
        f"{_distance([b for b in bounds if b.grids > 1])}; of up to {SMALL_UNITS} units: "
        f"{_distance([b for b in bounds if b.grids > 1 and len(b.units) <= SMALL_UNITS])}."
    )


def _distance(bounds: list[PartBound]) -> str:
    """Return how many parts are solved exactly, and how far the heuristic was from that."""
    exact = [bound for bound in bounds if bound.proven]
    alike = [bound for bound in exact if np.isfinite(bound.heuristic_energy)]
    best = sum(bound.heuristic_energy <= bound.energy + SAME_ENERGY for bound in alike)
    above = sum(bound.heuristic_energy - bound.energy for bound in alike) / max(1, sum(b.grids for b in alike))
    return (
        f"{len(exact)} of {len(bounds)} parts of several grids (the heuristic had as few grids out of range in "
        f"{len(alike)} of them, was optimal in {best} and {above:.4f} of energy a grid above the optimum in the mean)"
    )


def main() -> None:
    """Run all cases and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--harness", type=Path, help="folder of sg_west.npz and sg_west_city.npz")
    parser.add_argument("--cities", type=int, default=4, help="generated cities; 0: none")
    parser.add_argument("--only", default="", help="cases whose name holds this word")
    parser.add_argument("--limit", type=float, default=120.0, help="time limit of each solver on each case [s]")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    solvers = dict(present_peers())
    warm = False
    cases = [*(demo_cases(options.cities) if options.cities else ())]
    cases += [*(harness_cases(options.harness) if options.harness else ())]
    for case in cases:
        if options.only not in case.name:
            continue
        if not warm:
            warm_up(case)
            warm = True
        print(f"\n**{case.name}**: {case.units:,} units, {case.households:,} households. ", end="")
        print(bounds_line(case, options.seed) + "\n", flush=True)
        print(HEAD)
        own = run_apart(case, PEERS[OURS], options.seed, 10 * options.limit)
        if own is None:
            raise RuntimeError("the engine itself gave no answer")
        print(line_of(OURS, own, own, case, options.limit), flush=True)
        for name, peer in solvers.items():
            if name != OURS:
                found = run_apart(case, peer, options.seed, options.limit)
                print(line_of(name, found, own, case, options.limit), flush=True)


if __name__ == "__main__":
    main()
