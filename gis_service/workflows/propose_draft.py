"""Three proposals for one community, side by side, as a background job."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import isnan
from typing import Any, get_args

import geopandas as gpd
import numpy as np

from gis_service import __version__
from gis_service.db import cities, plans
from gis_service.db.accounts import Account
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.jobs import JobRecord
from gis_service.db.plans import PlanRecord
from gis_service.db.regions import path_of_community
from gis_service.db.units import load_units
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.partition.community import CommunityInput
from gis_service.partition.groundwork import UnitFrames
from gis_service.partition.propose import each_alternative, mend, wishes_of
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.quality import quality_of
from gis_service.partition.units import cut_units
from gis_service.plan.finding_titles import counted
from gis_service.plan.priorities import SOFT_RULES, WISHES, Wish, soft_order
from gis_service.plan.rules import STATUS_LABELS, Basis, Rules
from gis_service.workflows.community_inputs import community_extents, community_inputs
from gis_service.workflows.community_tasks import community_seed, faults_of
from gis_service.workflows.desk_plans import forget_old_proposals, proposal_name
from gis_service.workflows.draft_bases import keep_units
from gis_service.workflows.jobs import ask_job
from gis_service.workflows.obligations import Obligations, relieved
from gis_service.workflows.partition_city import load_start
from gis_service.workflows.past_codes import RETIRED, plans_followed
from gis_service.workflows.plan_names import NOTHING
from gis_service.workflows.plans_made import Origin, account_of, forced_misses, hash_of_grids
from gis_service.workflows.progress import Report
from gis_service.workflows.proposal_titles import titles_of
from gis_service.workflows.request_values import flag, is_blank, text_of, texts_of, whole_of

KIND = "propose"
MOST_SEED = 2**31 - 1
_READING = Text("读取社区数据", "read the community")
_CHECKING = Text("检查并保存方案", "check and store the plans")


@dataclass(frozen=True)
class Wanted:
    """What a planner asks proposals for.

    Parameters
    ----------
    city, community
        Name of the city and code of the community.
    basis
        Which size test decides.
    target
        Households wanted per grid [count]; None: the middle of the range.
    wish
        The soft rule that goes first; the others are put first by the alternatives.
    keep_estates
        False: estates that would fit into one grid may be divided too.
    follow_barriers
        False: borders need not follow roads and walls. Rivers, railways and expressways count all the same.
    start
        `NOTHING`, `TODAY` or the name of a stored plan, from which few households then move.
    locked
        Codes of grids of the start that stay as they are.
    seed
        Seed of the engine.
    """

    city: str
    community: str
    basis: Basis = "either"
    target: int | None = None
    wish: Wish = "lines"
    keep_estates: bool = True
    follow_barriers: bool = True
    start: str = NOTHING
    locked: tuple[str, ...] = ()
    seed: int = 1

    @property
    def obligations(self) -> Obligations:
        """What the division must keep to beside the rules."""
        return Obligations(self.keep_estates, self.follow_barriers)

    def rules(self, now: Rules) -> Rules:
        """Return the rules in force with what is wished for."""
        return replace(now, basis=self.basis, target_households=self.target, soft_order=soft_order(self.wish))


def wanted_of(values: Mapping[str, Any]) -> Wanted:
    """Return what some plain values of a request ask for.

    Raises
    ------
    InputError
        A value is not of its kind or not one of the choices, or grids are to be locked without a start.
    """
    target = values.get("target")
    wanted = Wanted(
        city=text_of(values, "city"),
        community=text_of(values, "community"),
        basis=_choice(values, "basis", get_args(Basis), "either"),
        target=None if is_blank(target) else whole_of(values, "target", 1, 100_000),
        wish=_choice(values, "wish", WISHES, "lines"),
        keep_estates=flag(values, "keep_estates", default=True),
        follow_barriers=flag(values, "follow_barriers", default=True),
        start=text_of(values, "start", NOTHING),
        locked=texts_of(values, "locked"),
        seed=whole_of(values, "seed", 0, MOST_SEED, 1),
    )
    if wanted.locked and wanted.start == NOTHING:
        raise InputError(
            Text(
                "要锁定网格，请选择从现有网格或一个方案开始",
                "to lock grids, start from the grids of today or from a plan",
            )
        )
    return wanted


def ask_proposals(conn: Connection, wanted: Wanted, account: Account) -> int:
    """Ask for proposals and return the number of the job.

    Parameters
    ----------
    conn
        Transaction.
    wanted
        What is asked for; what can be told to be wrong at once is refused at once.
    account
        A planner of the community.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city, or no such plan to start from.
    NotAllowedError
        The account is no planner there.
    InputError
        There is no such community, the target is out of range, grids to start from or to lock are missing, or too many
        jobs of the account have not ended.
    """
    city = cities.load_city(conn, wanted.city)
    above = [region.code for region in path_of_community(conn, city, wanted.community)]
    if not account.may("planner", city.name, above):
        raise NotAllowedError(
            Text(
                f"账号 {account.login} 不是社区 {wanted.community} 的规划员，请联系管理员",
                f"account {account.login} is no planner of community {wanted.community}",
            )
        )
    community_extents(conn, city, [wanted.community])
    wanted.rules(rules_now(conn, city, wanted.community))
    _start_grids(conn, city, wanted)
    return ask_job(conn, KIND, asdict(wanted), account)


def propose_draft(conn: Connection, job: JobRecord, report: Report) -> dict[str, Any]:
    """Make the proposals of a job and store each as a plan ``proposal-<job>-<wish>``.

    Returns
    -------
    dict
        ``city``, ``community``, ``start`` and ``proposals``, that asked for first, each with its plan's ``name``,
        ``title`` (zh, en) and figures: see :func:`figures` and
        :func:`gis_service.workflows.proposal_titles.titles_of`. Proposals that came out the same as an earlier one are
        left out.

    Raises
    ------
    InputError
        As :func:`ask_proposals`.
    RuntimeError
        A proposal does not pass its own audit; then none is stored.
    """
    wanted = wanted_of(job.parameters)
    city = cities.load_city(conn, wanted.city)
    rules = wanted.rules(rules_now(conn, city, wanted.community))
    total = len(WISHES) + 2
    report(_READING, 0, total)
    begun = _start_grids(conn, city, wanted)
    extents = community_extents(conn, city, [wanted.community])
    followed = plans_followed(conn, city, wanted.start)
    (community,) = community_inputs(conn, city, extents, rules, followed)
    stored = load_units(conn, city, community.code)
    units = cut_units(community) if stored is None else stored
    asked, land = relieved(community, units, wanted.obligations)
    found: dict[Wish, ProposedPlan] = {}
    order = wishes_of(rules)
    report(_making(order, 0), 1, total)
    for done, (wish, proposed) in enumerate(_proposals(asked, land, begun, wanted), start=1):
        if not any(np.array_equal(proposed.labels, other.labels) for other in found.values()):
            found[wish] = _measured(proposed, community)
        report(_making(order, done) if done < len(order) else _CHECKING, done + 1, total)
    for proposed in found.values():
        _refuse_broken(asked, proposed)
    # Stored at last, whoever was first meanwhile: drafts that begin there now would wait for this job otherwise.
    keep_units(conn, city, community.code, lambda: units)
    for wish, proposed in reversed(found.items()):  # that asked for last, so that it is the newest
        alternative_to = order[0] if wish != order[0] else None
        origin = _origin(wanted, begun, followed.get(wanted.community), alternative_to)
        _save(conn, city, proposal_name(job.id, wish), proposed, wanted, origin)
    forget_old_proposals(conn, city, community.code)
    told = [{"name": proposal_name(job.id, wish), **figures(found[wish], wish)} for wish in found]
    titles = [{"zh": title.zh, "en": title.en} for title in titles_of(told)]
    return {
        "city": city.name,
        "community": community.code,
        "start": wanted.start,
        "proposals": [each | {"title": title} for each, title in zip(told, titles, strict=True)],
    }


def figures(proposed: ProposedPlan, wish: Wish) -> dict[str, Any]:
    """Return what a proposal is worth, as plain values.

    Returns
    -------
    dict
        ``wish`` that was put first, ``grids`` and ``in_range`` of those with people, ``forced`` misses that no division
        avoids, ``largest`` and ``smallest`` base grid with people [households], ``mean_compactness``,
        ``share_on_lines``, ``imbalance``, ``households_moved`` from the start (None: from nothing), ``statuses`` and
        ``findings`` counted. A share that is undefined is None.
    """
    quality = proposed.quality
    tested = proposed.grids[proposed.grids["status"].isin(["normal", "small", "large", "conflict"])]
    sizes = tested["households"].tolist()
    return {
        "wish": wish,
        "grids": quality.grids,
        "in_range": quality.in_range,
        "forced": forced_misses(proposed),
        "largest": max(sizes, default=None),
        "smallest": min(sizes, default=None),
        "mean_compactness": _number(quality.mean_compactness, 3),
        "share_on_lines": _number(quality.share_on_lines, 4),
        "imbalance": _number(quality.imbalance, 4),
        "households_moved": proposed.households_moved,
        "statuses": {
            status: int((proposed.grids["status"] == status).sum())
            for status in STATUS_LABELS
            if (proposed.grids["status"] == status).any()
        },
        "findings": [
            {"severity": severity, "zh": title.zh, "en": title.en, "count": number}
            for severity, title, number in counted(proposed.findings)
        ],
    }


def rules_now(conn: Connection, city: City, community: str) -> Rules:
    """Return the rules of the plan that is shown of a community, or the standard where there is none."""
    shown = [record for record in plans.load_plans(conn, city) if record.community_code == community]
    return Rules.from_dict(shown[0].rules) if shown else Rules()


def _start_grids(conn: Connection, city: City, wanted: Wanted) -> gpd.GeoDataFrame | None:
    """Return the grids the proposals start from; None: from nothing."""
    if wanted.start == NOTHING:
        return None
    grids = load_start(conn, city, wanted.start)
    here = grids[grids["community_code"] == wanted.community].reset_index(drop=True)
    if here.empty:
        raise InputError(
            Text(
                f"社区 {wanted.community} 没有可以沿用的网格，请改为从头划分",
                f"community {wanted.community} has no such grids to start from; propose from nothing",
            )
        )
    unknown = sorted(set(wanted.locked) - set(here["code"].dropna()))
    if unknown:
        raise InputError(
            Text(
                f"要锁定的网格 {'、'.join(unknown)} 不在起点方案里，请核对网格编码",
                f"the grids to lock {', '.join(unknown)} are not in the plan to start from; check their codes",
            )
        )
    return here


def _proposals(
    community: CommunityInput, units: UnitFrames, begun: gpd.GeoDataFrame | None, wanted: Wanted
) -> Iterator[tuple[Wish, ProposedPlan]]:
    seed = community_seed(wanted.seed, community.code)
    if begun is None:
        yield from each_alternative(community, units, seed=seed)
        return
    repaired = partial(mend, grids=begun, units=units, locked=frozenset(wanted.locked), seed=seed)
    for wish in wishes_of(community.rules):
        rules = replace(community.rules, soft_order=soft_order(wish))
        yield wish, repaired(replace(community, rules=rules))


def _measured(proposed: ProposedPlan, community: CommunityInput) -> ProposedPlan:
    """Return a proposal measured by all lines there are, whatever it had to follow, so that proposals compare."""
    return replace(proposed, quality=quality_of(proposed.grids, community))


def _refuse_broken(community: CommunityInput, proposed: ProposedPlan) -> None:
    """Raise RuntimeError where a plan does not pass its own audit: nobody but us can mend that."""
    faults = faults_of(community, proposed)
    if faults:
        message = f"{len(faults)} hard rules broken in {community.code}, the first: {faults[0].subject} {faults[0].en}"
        raise RuntimeError(message)


def _origin(
    wanted: Wanted, begun: gpd.GeoDataFrame | None, followed: PlanRecord | None, alternative_to: Wish | None
) -> Origin:
    origin = Origin(followed="" if followed is None else followed.name, obligations=wanted.obligations)
    if begun is None:
        return replace(origin, alternative_to=alternative_to)
    return replace(origin, start=wanted.start, start_hash=hash_of_grids(begun), locked=frozenset(wanted.locked))


def _save(conn: Connection, city: City, name: str, proposed: ProposedPlan, wanted: Wanted, origin: Origin) -> None:
    plans.save_plan(
        conn,
        city,
        wanted.community,
        name=name,
        rules=proposed.rules.as_dict(),
        findings={
            "findings": [finding.as_dict() for finding in proposed.findings],
            RETIRED: list(proposed.retired),
        },
        account=account_of(proposed, origin),
        seed=wanted.seed,
        software_version=__version__,
        labels=proposed.labels,
        grids=proposed.grids,
        tentative=True,
    )


def _making(order: tuple[Wish, ...], done: int) -> Text:
    rule, place = SOFT_RULES[order[done]], f"{done + 1}/{len(order)}"
    return Text(f"划分方案 {place}：{rule.zh}优先", f"make proposal {place}: {rule.en} first")


def _number(value: float, digits: int) -> float | None:
    return None if isnan(value) else round(value, digits)


def _choice(values: Mapping[str, Any], name: str, choices: tuple[Any, ...], default: str) -> Any:
    value = values.get(name, default)
    if value not in choices:
        listed = "、".join(choices)
        raise InputError(Text(f"{name} 应为 {listed} 之一", f"{name} must be one of {', '.join(choices)}"))
    return value
