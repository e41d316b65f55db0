"""The whole road on dataset folders: files to units to a plan with its polygons, then a repair after a shock.

    python tests/benchmarks/partition/bench_product.py CITY_FOLDER … [--communities N] [--no-repair]

For each city: CPU time of import, of the units and of the plan; grids in range of all and of those not forced out;
mean Polsby-Popper of the polygons drawn; borders along lines; violations of hard rules found by the audit; households
moved and grids left out of range by a repair after 3 % of the buildings grew by half, 3 % shrank by 40 % and 1 % were
emptied, beside a plan from nothing. At the end: the mean Polsby-Popper of the grids of all folders together, and what a
million households and the nation would cost at that rate.
"""
# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from instances import RULES, communities_of, drawn_city

from gis_service.audit.plans import audit_plan
from gis_service.geo.compactness import polsby_popper
from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition.community import CommunityInput
from gis_service.partition.engine import solve
from gis_service.partition.following import following
from gis_service.partition.groundwork import Groundwork, groundwork_of
from gis_service.partition.propose import mend, propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.units import cut_units
from gis_service.plan.rules import UNTESTED, Rules

NATION_COMMUNITIES = 600_000
GREW, SHRANK, EMPTIED = 0.03, 0.03, 0.01
"""Shares of the buildings that the shock changes."""


@dataclass(frozen=True)
class Sums:
    """Sums over communities.

    Parameters
    ----------
    communities, buildings, households, units, grids, in_range
        Counts; grids are those with a size test.
    possible, possible_missed
        Grids not proven to be forced out of range, and those of them that are, as ``refinement.share_in_range`` counts.
    compactness
        Sum of Polsby-Popper measures of the polygons of those grids.
    inner_m, on_lines_m, forced_m
        As in ``following.Following`` [m].
    faults
        Violations of hard rules.
    cut_s, engine_s, plan_s
        CPU time of cutting units, of the engine alone, and of the plan from units to polygons [s].
    """

    communities: int = 0
    buildings: int = 0
    households: int = 0
    units: int = 0
    grids: int = 0
    in_range: int = 0
    possible: int = 0
    possible_missed: int = 0
    compactness: float = 0.0
    inner_m: float = 0.0
    on_lines_m: float = 0.0
    forced_m: float = 0.0
    faults: int = 0
    cut_s: float = 0.0
    engine_s: float = 0.0
    plan_s: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        """Return both together."""
        return Sums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Shock:
    """What a repair did, and what a plan from nothing would: counts that add up."""

    households: int = 0
    broken: int = 0
    left: int = 0
    moved: int = 0
    left_anew: int = 0

    def __add__(self, other: "Shock") -> "Shock":
        """Return both together."""
        return Shock(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def planned(community: CommunityInput) -> tuple[Sums, ProposedPlan]:
    """Return the plan of a community and what it cost and is worth."""
    begin = time.process_time()
    cut = cut_units(community)
    cut_s = time.process_time() - begin
    begin = time.process_time()
    plan = propose(community, cut)
    plan_s = time.process_time() - begin
    ground = groundwork_of(community, cut)
    inhabited = [bound for bound in plan.bounds if ground.bundles.households[bound.units].any()]
    tested = ~plan.grids["status"].isin(UNTESTED).to_numpy()
    borders = following(plan.grids[plan.grids["kind"] == "base"], community)
    normal = plan.grids["status"] == "normal"
    return Sums(
        communities=1,
        buildings=len(community.buildings),
        households=int(community.buildings["households"].sum()),
        units=len(plan.units),
        grids=int(tested.sum()),
        in_range=int(normal.sum()),
        possible=sum(bound.grids - bound.forced for bound in inhabited),
        possible_missed=sum(bound.missed - bound.forced for bound in inhabited),
        compactness=float(polsby_popper(plan.grids.geometry.to_numpy()[tested]).sum()),
        inner_m=borders.inner_m,
        on_lines_m=borders.on_lines_m,
        forced_m=borders.forced_m,
        faults=_faults(community, plan),
        cut_s=cut_s,
        engine_s=_engine_s(community, ground),
        plan_s=plan_s,
    ), plan


def _engine_s(community: CommunityInput, ground: Groundwork) -> float:
    bundles = ground.bundles
    begin = time.process_time()
    solve(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        locked=ground.special,
    )
    return time.process_time() - begin


def _faults(community: CommunityInput, plan: ProposedPlan) -> int:
    grid_code = plan.grids["code"].to_numpy()[plan.labels]
    found = audit_plan(
        community.geometry,
        community.buildings,
        plan.units.assign(grid_code=grid_code),
        plan.grids,
        plan.unit_buildings.assign(grid_code=grid_code[plan.unit_buildings["unit"]])[["building_id", "grid_code"]],
        plan.rules,
        community_code=community.code,
        special=community.special,
    )
    return sum(finding.severity == "fault" for finding in found)


def shaken(community: CommunityInput, seed: int) -> CommunityInput:
    """Return a community some years later; the seed decides for every building, whatever their order."""
    rng = np.random.default_rng([seed, int.from_bytes(community.code.encode()[-4:], "big")])
    order = rng.permutation(len(community.buildings))
    ends = np.rint(np.cumsum([GREW, SHRANK, EMPTIED]) * len(order)).astype(int)
    factor = np.ones(len(order))
    factor[order[: ends[0]]] = 1.5
    factor[order[ends[0] : ends[1]]] = 0.6
    factor[order[ends[1] : ends[2]]] = 0.0
    buildings = community.buildings.sort_values("id", ignore_index=True)
    households = np.rint(buildings["households"].to_numpy() * factor).astype(np.int64)
    return replace(community, buildings=buildings.assign(households=households))


def repaired(community: CommunityInput, plan: ProposedPlan, seed: int) -> Shock:
    """Return what a repair of a plan does after the shock."""
    later = shaken(community, seed)
    start = plan.grids[["code", "geometry"]]
    cut = cut_units(later)
    mended, anew = mend(later, start, cut), propose(later, cut)
    households = later.buildings.set_index("id")["households"]
    grid = plan.labels[plan.unit_buildings["unit"]]
    now = np.bincount(grid, households.loc[plan.unit_buildings["building_id"]], minlength=len(plan.grids))
    base = ~plan.grids["status"].isin(UNTESTED).to_numpy()
    rules = later.rules
    return Shock(
        households=int(households.sum()),
        broken=int((base & ((now < rules.households_min) | (now > rules.households_max))).sum()),
        left=_missed(mended),
        moved=mended.households_moved or 0,
        left_anew=_missed(anew),
    )


def _missed(plan: ProposedPlan) -> int:
    return int((~plan.grids["status"].isin({*UNTESTED, "normal"})).sum())


def report(name: str, imported_s: float, sums: Sums, shock: Shock) -> str:
    """Return the row of a city."""
    unforced = sums.inner_m - sums.forced_m
    repair = (
        f"{shock.broken} → {shock.left} (anew {shock.left_anew}), {shock.moved / shock.households:.2%} moved"
        if shock.households
        else ""
    )
    share = 1 - sums.possible_missed / sums.possible if sums.possible else np.nan
    return (
        f"| {name} | {sums.communities} | {sums.households:,} | {sums.units:,} | {sums.grids} "
        f"| {sums.in_range / sums.grids:.2%} | {share:.2%} "
        f"| {sums.compactness / sums.grids:.3f} "
        f"| {sums.on_lines_m / sums.inner_m if sums.inner_m else np.nan:.0%}; "
        f"{sums.on_lines_m / unforced if unforced > 0 else np.nan:.0%} | {sums.faults} "
        f"| {imported_s:.1f} | {sums.cut_s:.1f} | {sums.plan_s:.1f} "
        f"| {1000 * sums.engine_s / sums.units:.2f} | {repair} |"
    )


HEAD = """\
| city | communities | households | units | grids | in range | of those not forced | mean PP, drawn | along lines; of \
what is not forced | faults | import s | units s | plan s | engine ms a unit | repair |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def run(name: str, city: CityFrames, rules: Rules, most: int, *, repair: bool) -> tuple[Sums, Shock]:
    """Return the sums of a city's communities with people."""
    sums, shock = Sums(), Shock()
    inhabited = [community for community in communities_of(city) if community.buildings["households"].sum() > 0]
    for community in inhabited[:most]:
        ruled = replace(community, rules=rules)
        one, plan = planned(ruled)
        sums += one
        if repair:
            shock += repaired(ruled, plan, seed=1)
    if sums.faults:
        print(f"{name}: {sums.faults} hard rules violated")
    return sums, shock


def main() -> None:
    """Run all cities and print a row for each, then the estimates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="dataset folders; none: the generated city")
    parser.add_argument("--communities", type=int, default=10**9, help="of each city, the first so many")
    parser.add_argument("--no-repair", action="store_true")
    options = parser.parse_args()
    warm = drawn_city(1)
    planned(next(communities_of(warm)))
    cities = [("generated", None), *((folder.name, folder) for folder in options.folders)]
    print(HEAD)
    total, real = Sums(), Sums()
    for name, folder in cities:
        begin = time.process_time()
        city = warm if folder is None else read_city(folder)
        imported_s = time.process_time() - begin
        sums, shock = run(name, city, RULES, options.communities, repair=not options.no_repair)
        total += sums
        if folder is not None:
            real += sums
        print(report(name, imported_s, sums, shock), flush=True)
    if real.grids:
        print(f"\nMean PP of the {real.grids:,} grids of all folders: {real.compactness / real.grids:.3f}.")
    each_s = (total.cut_s + total.plan_s) / total.communities
    million_s = (total.cut_s + total.plan_s) / total.households * 1e6
    print(
        f"\nA million households: {million_s:.0f} CPU-s for units, plans and polygons. "
        f"A community: {each_s:.2f} CPU-s; {NATION_COMMUNITIES:,} of them: "
        f"{each_s * NATION_COMMUNITIES / 3600:.0f} CPU-hours."
    )


if __name__ == "__main__":
    main()
