"""Audit a city: check its plans and its newest reach run independently, compute indicators, take a snapshot."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis_service import __version__
from gis_service.audit.community_borders import check_community_borders
from gis_service.audit.given_special import check_given_special
from gis_service.audit.indicators import canonical_json, indicators
from gis_service.audit.plans import audit_plan
from gis_service.audit.walks import audit_reach
from gis_service.db import (
    buildings,
    cities,
    estates,
    facilities,
    given_grids,
    network,
    plans,
    reach_runs,
    regions,
    snapshots,
)
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.errors import NoNetworkError, Text, UnknownPlanError
from gis_service.plan.findings import Finding
from gis_service.plan.rules import UNTESTED, Rules
from gis_service.workflows.plans_made import forced_in
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.provenance import rules_differ, rules_followed

CHECKING_PLANS = Text("审核方案", "check plans")
CHECKING_WALKS = Text("审核步行结果", "check walks")


@dataclass(frozen=True)
class Sizes:
    """How grids stand against the size rule.

    Parameters
    ----------
    grids, in_range
        Grids with a size test, and those of them that pass [count].
    forced
        Those out of range in every division, as the plans' makers proved [count]; None where some did not note it.
    """

    grids: int
    in_range: int
    forced: int | None


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Parameters
    ----------
    city
        The city.
    findings
        Findings of the audit and of the plans' makers, sorted.
    indicators
        One row a region.
    snapshot_id
        Where everything is frozen: a new snapshot, or the newest one where nothing has changed since.
    content_hash
        SHA-256 of the frozen content.
    communities_checked, communities_without_plan
        Communities with a polygon whose plan was checked, and those that have none [count].
    run_id
        The reach run that was checked; None: there is none.
    rules
        The rules of the plans in full, each with the number of communities that follow them, sorted.
    sizes
        How the plans' grids stand against the size rule.
    """

    city: City
    findings: tuple[Finding, ...]
    indicators: pd.DataFrame
    snapshot_id: int
    content_hash: str
    communities_checked: int
    communities_without_plan: int
    run_id: int | None
    rules: tuple[tuple[Text, int], ...]
    sizes: Sizes


def audit_city(
    conn: Connection, city_name: str, *, sample: int = 50, seed: int = 1, report: Report = silent
) -> Audited:
    """Check the newest plan of each community and the newest reach run, and freeze indicators and findings.

    Parameters
    ----------
    conn
        Open transaction; the caller commits.
    city_name
        Slug of the city.
    sample
        How many buildings' walks are computed again by an independent search.
    seed
        Seed of the sample.
    report
        Told about progress.

    Returns
    -------
    Audited
        Findings, indicators and the snapshot's key.

    Raises
    ------
    UnknownCityError
        No such city.
    UnknownPlanError
        The city has neither a plan nor a reach run, so there is nothing to audit.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    records = plans.load_plans(conn, city)
    run = reach_runs.load_run(conn, city)
    if not records and run is None:
        raise UnknownPlanError(
            Text(
                f"城市 {city.name} 既没有网格方案也没有步行结果，没有可审核的内容；请先运行 "
                f"scripts/partition_grids.py {city.name} 或 scripts/check_reachability.py {city.name}",
                f"city {city.name} has neither a plan nor a reach run, so there is nothing to audit; "
                f"run scripts/partition_grids.py {city.name} or scripts/check_reachability.py {city.name} first",
            )
        )
    findings = _audit_data(conn, city)
    followed = rules_followed(records)
    if records:
        findings += _audit_plans(conn, city, records, report)
    if (differing := rules_differ(followed)) is not None:
        findings.append(Finding("rules_differ", "warning", city.name, differing.zh, differing.en))
    if run is not None:
        findings += _audit_walks(conn, city, run, sample, seed, report)
    grids = plans.load_grids(conn, city, records)
    table = indicators(
        regions.load_regions(conn, city),
        grids,
        None if run is None else run.result.coverage,
        buildings.load_buildings(conn, city),
        facilities.load_facilities(conn, city),
        estates.load_estates(conn, city),
        walks=None if run is None else run.result.buildings,
    )
    ordered = tuple(sorted(findings))
    frozen = canonical_json(_content(city, records, run, ordered, table))
    newest = next(iter(snapshots.load_snapshots(conn, city)), None)
    if newest is not None and newest.content_hash == hashlib.sha256(frozen.encode()).hexdigest():
        snapshot_id, content_hash = newest.id, newest.content_hash
    else:
        snapshot_id, content_hash = snapshots.save_snapshot(
            conn, city, json.loads(frozen), frozen, software_version=__version__
        )
    communities = regions.load_regions(conn, city, level="community")
    planned = communities["code"].isin([record.community_code for record in records])
    return Audited(
        city=city,
        findings=ordered,
        indicators=table,
        snapshot_id=snapshot_id,
        content_hash=content_hash,
        communities_checked=int(planned.sum()),
        communities_without_plan=int((communities.geometry.notna() & ~planned).sum()),
        run_id=None if run is None else run.id,
        rules=followed,
        sizes=_sizes(grids, records),
    )


def _sizes(grids: gpd.GeoDataFrame, records: list[PlanRecord]) -> Sizes:
    status = grids["status"]
    return Sizes(int((~status.isin(UNTESTED)).sum()), int((status == "normal").sum()), forced_in(records))


def _audit_data(conn: Connection, city: City) -> list[Finding]:
    """Return what no plan can mend: buildings at the communities' borders and special grids as they were given."""
    communities = regions.load_regions(conn, city, level="community")
    given = given_grids.load_given_grids(conn, city)
    special = given[given["kind"] == "special"]
    return [
        *check_community_borders(buildings.load_buildings(conn, city), communities, city_name=city.name),
        *check_given_special(special, communities),
    ]


def _audit_plans(conn: Connection, city: City, records: list[PlanRecord], report: Report) -> list[Finding]:
    communities = regions.load_regions(conn, city, level="community")
    extents = dict(zip(communities["code"], communities.geometry, strict=True))
    of_city = buildings.load_buildings(conn, city)
    given = given_grids.load_given_grids(conn, city)
    special = given[given["kind"] == "special"]
    grids = plans.load_grids(conn, city, records)
    assigned = plans.load_assignment(conn, city, records)
    found: list[Finding] = []
    for done, record in enumerate(records, start=1):
        code = record.community_code
        of_building = assigned.buildings[assigned.buildings["community_code"] == code]
        checked = audit_plan(
            extents[code],
            of_city[of_city["community_code"] == code].reset_index(drop=True),
            assigned.units[assigned.units["community_code"] == code].reset_index(drop=True),
            grids[grids["community_code"] == code].reset_index(drop=True),
            of_building[["building_id", "grid_code"]].reset_index(drop=True),
            Rules.from_dict(record.rules),
            community_code=code,
            special=special[special["community_code"] == code].reset_index(drop=True),
        )
        # What the audit and the plan's maker both say is told once, in the maker's words: they give the reason.
        told = [Finding.from_dict(entry) for entry in record.findings["findings"]]
        known = {(finding.kind, finding.subject) for finding in told}
        found += told + [finding for finding in checked if (finding.kind, finding.subject) not in known]
        report(CHECKING_PLANS, done, len(records))
    return found


def _audit_walks(
    conn: Connection, city: City, run: reach_runs.StoredRun, sample: int, seed: int, report: Report
) -> list[Finding]:
    report(CHECKING_WALKS, 0, 1)
    try:
        nodes, edges = network.load_network(conn, city)
    except NoNetworkError:
        return []
    found = audit_reach(
        nodes,
        edges,
        buildings.load_buildings(conn, city),
        facilities.load_facilities(conn, city),
        run.result.buildings,
        run.rules,
        sample=sample,
        rng=np.random.default_rng(seed),
    )
    report(CHECKING_WALKS, 1, 1)
    return found


def _content(
    city: City,
    records: list[PlanRecord],
    run: reach_runs.StoredRun | None,
    findings: tuple[Finding, ...],
    table: pd.DataFrame,
) -> dict[str, Any]:
    return {
        "city": city.name,
        "data_date": city.data_date.isoformat(),
        "dataset_hash": city.content_hash,
        "software_version": __version__,
        "plans": [{"community": r.community_code, "plan": r.name, "rules": r.rules, "seed": r.seed} for r in records],
        "reach": None if run is None else {"rules": run.rules.as_dict(), "input_hash": run.input_hash},
        "findings": [finding.as_dict() for finding in findings],
        "indicators": table.to_dict("records"),
    }
