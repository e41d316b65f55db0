"""Compute a frozen audit once more from the store and compare it with what was frozen, byte by byte."""

import hashlib
from dataclasses import dataclass

from gis_service.audit.canonical import canonical_json
from gis_service.db import cities, plans, reach_runs, snapshots
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text, UnknownPlanError
from gis_service.workflows.audit_city import measure
from gis_service.workflows.audit_inputs import AuditInputs, load_inputs
from gis_service.workflows.progress import Report, silent

INPUTS = ("software_version", "inputs", "plans", "reach")
"""Parts of a content that decide all others: where one of them differs, it is the reason."""


@dataclass(frozen=True)
class ReplayedAudit:
    """A frozen audit that was computed once more.

    Parameters
    ----------
    head
        The snapshot.
    replayed_hash
        SHA-256 [hex] of what came out.
    differing
        Parts that came out different, the reasons first; empty: the bytes are equal.
    intact
        What is stored still has the hash it was frozen with.
    """

    head: snapshots.SnapshotHead
    replayed_hash: str
    differing: tuple[str, ...]
    intact: bool


def replay_audit(conn: Connection, city_name: str, snapshot: int, *, report: Report = silent) -> ReplayedAudit:
    """Compute a snapshot's audit once more, with its plans, its reach run, its sample and its seed.

    Parameters
    ----------
    conn
        Open transaction; nothing is written.
    city_name, snapshot
        The snapshot.
    report
        Told about progress.

    Raises
    ------
    UnknownCityError
        No such city.
    InputError
        The city has no such snapshot.
    """
    city = cities.load_city(conn, city_name)
    head = snapshots.load_head(conn, city_name, snapshot)
    if head is None:
        raise InputError(
            Text(f"城市 {city_name} 没有编号为 {snapshot} 的快照", f"city {city_name} has no snapshot {snapshot}")
        )
    content = snapshots.load_content(conn, snapshot)
    frozen = canonical_json(content)
    named = {name: _named(conn, city, name) for name in sorted({entry["plan"] for entry in content["plans"]})}
    wanted = {(entry["community"], entry["plan"]) for entry in content["plans"]}
    stored = [record for of_name in named.values() for record in of_name]
    records = [record for record in stored if (record.community_code, record.name) in wanted]
    records.sort(key=lambda record: record.community_code)
    run = None
    if content["reach"] is not None:
        run = reach_runs.load_run(conn, city, input_hash=content["reach"]["input_hash"])
    inputs: AuditInputs = load_inputs(conn, city, records, run)
    again = measure(inputs, **content["checked"], report=report).content
    if "dataset_hash" in content:  # before migration 0018 the files themselves were part of it
        again["dataset_hash"] = city.content_hash
    replayed = canonical_json(again)
    parts = [*INPUTS, *sorted(set(content) - set(INPUTS))]
    differing = tuple(part for part in parts if canonical_json(content[part]) != canonical_json(again.get(part)))
    return ReplayedAudit(
        head=head,
        replayed_hash=hashlib.sha256(replayed.encode()).hexdigest(),
        differing=differing,
        intact=hashlib.sha256(frozen.encode()).hexdigest() == head.content_hash,
    )


def _named(conn: Connection, city: cities.City, name: str) -> list[plans.PlanRecord]:
    """Return the plans of a name; none where they are no longer stored."""
    try:
        return plans.load_plans(conn, city, name)
    except UnknownPlanError:
        return []
