"""What one worker does for one community: propose its plans, and check them before anybody stores them."""

import hashlib
import traceback
from dataclasses import dataclass, field

import geopandas as gpd

from gis_service.audit.plans import audit_plan
from gis_service.db.units import StoredUnits
from gis_service.errors import GisServiceError, Text
from gis_service.partition.community import CommunityInput
from gis_service.partition.propose import alternatives, mend, propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.units import cut_units
from gis_service.plan.findings import Finding
from gis_service.workflows.obligations import Obligations, relieved

FAULTS_TOLD = 3


@dataclass(frozen=True)
class Task:
    """One community to be partitioned.

    Parameters
    ----------
    community
        The community.
    units
        Its units, if it has been cut before.
    seed
        Seed of the engine, of :func:`community_seed`.
    several
        Make the two alternatives too; not with ``grids``.
    grids
        Grids to start from; None: from nothing.
    locked
        Codes of those that must stay.
    obligations
        What the plans must keep to beside the rules.
    """

    community: CommunityInput
    units: StoredUnits | None
    seed: int
    several: bool = False
    grids: gpd.GeoDataFrame | None = None
    locked: frozenset[str] = frozenset()
    obligations: Obligations = field(default_factory=Obligations)


@dataclass(frozen=True)
class Left:
    """A community that was left as it was, because of a fault of this software.

    Parameters
    ----------
    community
        Its code.
    text
        What went wrong.
    trace
        Where, for whoever mends it; empty where the plan was made and did not pass its audit.
    """

    community: str
    text: Text
    trace: str = ""


@dataclass(frozen=True)
class Solved:
    """What became of a task.

    Parameters
    ----------
    community
        Code of the community.
    proposals
        The plan asked for, then its alternatives; empty where the community is left as it was.
    left
        Why it is; None where all is well.
    """

    community: str
    proposals: tuple[ProposedPlan, ...]
    left: Left | None = None


def community_seed(seed: int, code: str) -> int:
    """Return a seed of 31 bits that depends on nothing but the run's seed and the community."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{code}".encode()).digest()[:4], "big") >> 1


def solve(task: Task) -> Solved:
    """Return the plans of a community, none where one of them does not pass its audit or cannot be made.

    Raises
    ------
    GisServiceError
        The user's input is at fault.
    """
    community = task.community
    try:
        community, proposals = _proposals(task)
    except GisServiceError:
        raise
    except Exception as error:  # noqa: BLE001 a fault of ours in one community must not cost the others their plans
        what = f"{type(error).__name__}: {error}"
        return Solved(community.code, (), _left(community, Text(f"计算出错（{what}）", what), traceback.format_exc()))
    for proposed in proposals:
        faults = faults_of(community, proposed)
        if faults:
            more = f"（共 {len(faults)} 处）" if len(faults) > FAULTS_TOLD else ""
            told = faults[:FAULTS_TOLD]
            text = Text(
                f"方案未通过自检：{'；'.join(f'{each.subject} {each.zh}' for each in told)}{more}",
                f"the plan breaks hard rules: {'; '.join(f'{each.subject}: {each.en}' for each in told)} "
                f"({len(faults)} in all)",
            )
            return Solved(community.code, (), _left(community, text))
    return Solved(community.code, proposals)


def _proposals(task: Task) -> tuple[CommunityInput, tuple[ProposedPlan, ...]]:
    """Return the plans, and the community without what they need not keep to."""
    cut = cut_units(task.community) if task.units is None else task.units
    community, units = relieved(task.community, cut, task.obligations)
    if task.grids is not None:
        return community, (mend(community, task.grids, units, locked=task.locked, seed=task.seed),)
    if task.several:
        return community, tuple(alternatives(community, units, seed=task.seed).values())
    return community, (propose(community, units, seed=task.seed),)


def faults_of(community: CommunityInput, proposed: ProposedPlan) -> list[Finding]:
    """Return the hard rules that a plan breaks; the audit does not use the partition's own code."""
    grid_code = proposed.grids["code"].to_numpy()[proposed.labels]
    of_building = proposed.unit_buildings.assign(grid_code=grid_code[proposed.unit_buildings["unit"]])
    findings = audit_plan(
        community.geometry,
        community.buildings,
        proposed.units.assign(grid_code=grid_code),
        proposed.grids,
        of_building[["building_id", "grid_code"]],
        proposed.rules,
        community_code=community.code,
        special=community.special,
    )
    return [finding for finding in findings if finding.severity == "fault"]


def _left(community: CommunityInput, why: Text, trace: str = "") -> Left:
    text = Text(
        f"社区“{community.name}”（{community.code}）保持原样，未写入方案：{why.zh}",
        f"community {community.name} ({community.code}) is left as it was, no plan was stored for it: {why.en}",
    )
    return Left(community.code, text, trace)
