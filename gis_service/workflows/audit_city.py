"""Audit a city: check its plans and its newest reach run independently, compute indicators, take a snapshot."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis_service import __version__
from gis_service.audit.canonical import canonical_json
from gis_service.audit.community_borders import check_community_borders
from gis_service.audit.given_special import check_given_special
from gis_service.audit.plans import audit_plan
from gis_service.audit.walks import audit_reach
from gis_service.db import cities, plans, reach_runs, snapshots
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.db.statistics import refresh_statistics
from gis_service.errors import Text, UnknownPlanError
from gis_service.plan.findings import Finding
from gis_service.plan.rules import UNTESTED, Rules
from gis_service.workflows.audit_figures import Figures, figures_of
from gis_service.workflows.audit_inputs import AuditInputs, load_inputs
from gis_service.workflows.input_hash import frames_hash
from gis_service.workflows.plans_made import forced_in
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.provenance import rules_differ, rules_followed

CHECKING_PLANS = Text("审核方案", "check plans")
CHECKING_WALKS = Text("审核步行结果", "check walks")
COUNTING = Text("计算指标", "compute indicators")


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


@dataclass(frozen=True)
class Measured:
    """An audit that is not frozen yet.

    Parameters
    ----------
    content
        What a snapshot holds, as plain values.
    figures
        Indicators and evidence.
    findings
        Findings with the region each lies in, sorted.
    """

    content: dict[str, Any]
    figures: Figures
    findings: tuple[Finding, ...]


def audit_city(
    conn: Connection,
    city_name: str,
    *,
    sample: int = 50,
    seed: int = 1,
    title: str = "",
    taken_by: str = "",
    report: Report = silent,
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
    title
        What people call the snapshot, such as a quarter; where the newest is called otherwise, a new one is taken even
        if nothing has changed.
    taken_by
        For whom it is made.
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
    inputs = load_inputs(conn, city, records, run)
    measured = measure(inputs, sample=sample, seed=seed, report=report)
    head = _freeze(conn, city, measured, title, taken_by)
    communities = inputs.communities
    planned = communities["code"].isin([record.community_code for record in records])
    return Audited(
        city=city,
        findings=measured.findings,
        indicators=measured.figures.regions,
        snapshot_id=head.id,
        content_hash=head.content_hash,
        communities_checked=int(planned.sum()),
        communities_without_plan=int((communities.geometry.notna() & ~planned).sum()),
        run_id=None if run is None else run.id,
        rules=rules_followed(records),
        sizes=_sizes(inputs.grids, records),
    )


def measure(inputs: AuditInputs, *, sample: int, seed: int, report: Report = silent) -> Measured:
    """Return the audit of what was loaded; the same whatever the order of rows.

    Parameters
    ----------
    inputs
        What is audited.
    sample, seed
        How many walks are computed again, and the seed of their choice.
    report
        Told about progress.
    """
    placed = [(finding, "") for finding in _of_data(inputs)] + _of_plans(inputs, report)
    if (differing := rules_differ(rules_followed(inputs.records))) is not None:
        placed.append((Finding("rules_differ", "warning", inputs.city.name, differing.zh, differing.en), ""))
    placed += [(finding, "") for finding in _of_walks(inputs, sample, seed, report)]
    report(COUNTING, 0, 1)
    figures = figures_of(inputs)
    report(COUNTING, 1, 1)
    where = _where(figures)
    ordered = sorted((finding, place or where.get(finding.subject, "")) for finding, place in placed)
    content = _content(inputs, figures, ordered, {"sample": sample, "seed": seed})
    return Measured(content, figures, tuple(finding for finding, _ in ordered))


def _freeze(conn: Connection, city: City, measured: Measured, title: str, taken_by: str) -> snapshots.SnapshotHead:
    """Return the newest snapshot where it says the same under the same title, else a new one."""
    frozen = canonical_json(measured.content)
    newest = snapshots.load_head(conn, city.name)
    same = newest is not None and newest.content_hash == hashlib.sha256(frozen.encode()).hexdigest()
    if newest is not None and same and title in {"", newest.title}:
        return newest
    head = snapshots.save_snapshot(
        conn,
        city,
        json.loads(frozen),
        frozen,
        measured.figures.points,
        measured.figures.areas,
        software_version=__version__,
        title=title,
        taken_by=taken_by,
    )
    refresh_statistics(conn, "audits")
    return head


def _sizes(grids: gpd.GeoDataFrame, records: list[PlanRecord]) -> Sizes:
    status = grids["status"]
    return Sizes(int((~status.isin(UNTESTED)).sum()), int((status == "normal").sum()), forced_in(records))


def _of_data(inputs: AuditInputs) -> list[Finding]:
    """Return what no plan can mend: buildings at the communities' borders and special grids as they were given."""
    communities = inputs.communities
    return [
        *check_community_borders(inputs.buildings, communities, city_name=inputs.city.name),
        *check_given_special(inputs.special, communities),
    ]


def _of_plans(inputs: AuditInputs, report: Report) -> list[tuple[Finding, str]]:
    """Return the findings of every plan, each with its community."""
    communities = inputs.communities
    extents = dict(zip(communities["code"], communities.geometry, strict=True))
    buildings, units = _by_community(inputs.buildings), _by_community(inputs.assigned.units)
    grids, special = _by_community(inputs.grids), _by_community(inputs.special)
    members = _by_community(inputs.assigned.buildings)
    found: list[tuple[Finding, str]] = []
    for done, record in enumerate(inputs.records, start=1):
        code = record.community_code
        checked = audit_plan(
            extents[code],
            _part(buildings, code, inputs.buildings),
            _part(units, code, inputs.assigned.units),
            _part(grids, code, inputs.grids),
            _part(members, code, inputs.assigned.buildings)[["building_id", "grid_code"]],
            Rules.from_dict(record.rules),
            community_code=code,
            special=_part(special, code, inputs.special),
        )
        # What the audit and the plan's maker both say is told once, in the maker's words: they give the reason.
        told = [Finding.from_dict(entry) for entry in record.findings.get("findings", ())]
        known = {(finding.kind, finding.subject) for finding in told}
        both = told + [finding for finding in checked if (finding.kind, finding.subject) not in known]
        found += [(finding, code) for finding in both]
        report(CHECKING_PLANS, done, len(inputs.records))
    return found


def _by_community(frame: Any) -> dict[str, Any]:
    return {str(code): part.reset_index(drop=True) for code, part in frame.groupby("community_code", sort=False)}


def _part(parts: dict[str, Any], code: str, whole: Any) -> Any:
    return parts.get(code, whole.iloc[:0].reset_index(drop=True))


def _of_walks(inputs: AuditInputs, sample: int, seed: int, report: Report) -> list[Finding]:
    if inputs.run is None or inputs.network is None:
        return []
    report(CHECKING_WALKS, 0, 1)
    found = audit_reach(
        *inputs.network,
        inputs.buildings,
        inputs.facilities,
        inputs.run.result.buildings,
        inputs.run.rules,
        sample=sample,
        rng=np.random.default_rng(seed),
    )
    report(CHECKING_WALKS, 1, 1)
    return found


def _where(figures: Figures) -> dict[str, str]:
    """Return the smallest region in which everything that a finding may be about lies, by code or id."""
    inventory = figures.inventory
    places = {name: place for frame in (inventory.estates, inventory.facilities, inventory.buildings)
              for name, place in zip(frame["id"], frame["place"], strict=True)}  # fmt: skip
    places |= dict(zip(inventory.grids["code"], inventory.grids["community_code"], strict=True))
    return places | {code: code for code in figures.regions["code"]}


def _content(
    inputs: AuditInputs, figures: Figures, findings: Sequence[tuple[Finding, str]], drawn: dict[str, int]
) -> dict[str, Any]:
    city, run = inputs.city, inputs.run
    inventory = figures.inventory
    return {
        "form": snapshots.FORM,
        "city": city.name,
        "title": city.title,
        "synthetic": city.synthetic,
        "metric_crs": city.metric_crs,
        "data_date": city.data_date.isoformat(),
        "licence": city.licence,
        "sources": list(city.sources),
        "software_version": __version__,
        "rows": inputs.row_counts(),
        "inputs": inputs.hashes,
        "plans": [
            {
                "community": record.community_code,
                "plan": record.name,
                "rules": record.rules,
                "seed": record.seed,
                "effective_from": record.effective_from,
            }
            for record in inputs.records
        ],
        "reach": None
        if run is None
        else {"rules": run.rules.as_dict(), "input_hash": run.input_hash, "data_date": run.data_date,
              "summary": run.result.summary},
        "limits": None if figures.limits is None else figures.limits.as_dict(),
        "checked": drawn,
        "findings": [finding.as_dict() | {"place": place} for finding, place in findings],
        "shortfalls": [finding.as_dict() | {"place": place} for finding, place in figures.shortfalls],
        "indicators": figures.regions.to_dict("records"),
        "grids": figures.grids.to_dict("records"),
        "estates": inventory.estates.to_dict("records"),
        "facilities": inventory.facilities.to_dict("records"),
        "gaps": figures.gaps.to_dict("records"),
        "evidence": {
            "buildings": frames_hash({}, [(figures.points, list(snapshots.BUILDING_COLUMNS))]),
            "areas": frames_hash({}, [(figures.areas, list(snapshots.AREA_COLUMNS))]),
        },
    }  # fmt: skip
