"""Make a stored plan again from what is stored of it, and compare: the proof that a result can be reproduced."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import geopandas as gpd
import pandas as pd
import shapely

from gis_service import __version__
from gis_service.db import cities, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.db.units import load_units
from gis_service.errors import InputError, Text
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.plan.priorities import soft_order
from gis_service.plan.rules import Rules
from gis_service.workflows.community_inputs import community_extents, community_inputs
from gis_service.workflows.community_tasks import Left, Task, community_seed, solve
from gis_service.workflows.partition_city import load_start, of_community
from gis_service.workflows.past_codes import plans_followed
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.plans_made import Origin, hash_of_grids, origin_of
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.workers import run_tasks

REPLAYING = Text("重算方案", "replay the plan")


@dataclass(frozen=True)
class Replayed:
    """What came of making a plan again.

    Parameters
    ----------
    city, plan
        The city and the name of the plan.
    communities
        Codes of the communities whose plans were made again, sorted.
    differing
        Those of them whose plan is another one now: in the grid of a unit, or in the code, name, kind, status, counts
        or shape of a grid.
    left
        Those for which no plan could be made, through our fault.
    versions
        Versions of the software that made the stored plans, where another runs now.
    """

    city: City
    plan: str
    communities: tuple[str, ...]
    differing: tuple[str, ...]
    left: tuple[Left, ...]
    versions: tuple[str, ...]


def replay_plan(
    conn: Connection,
    city_name: str,
    plan: str,
    *,
    communities: Sequence[str] = (),
    workers: int = 1,
    scheduler: str | None = None,
    report: Report = silent,
) -> Replayed:
    """Make a stored plan again by its own rules, seed and start, and compare; nothing is written.

    Parameters
    ----------
    conn
        Open transaction, for reading.
    city_name, plan
        Slug of the city and name of the plan.
    communities
        Codes of the communities; empty: all that have a plan of that name.
    workers, scheduler, report
        As for :func:`gis_service.workflows.partition_city.partition_city`.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city or plan, or the plan it started from is not stored any more.
    InputError
        A community is unknown or has no plan of that name, what the plan started from has changed since, or the plan
        was approved from a draft.
    """
    city = cities.load_city(conn, city_name)
    records = _records(conn, city, plan, communities)
    report(REPLAYING, 0, len(records))
    differing, left = [], []
    solutions = run_tasks(solve, _tasks(conn, city, records), workers=workers, scheduler=scheduler)
    for done, solved in enumerate(solutions, start=1):
        record = records[solved.community]
        if solved.left is not None:
            left.append(solved.left)
        elif not _same(conn, city, record, _proposed(record, solved.proposals)):
            differing.append(solved.community)
        report(REPLAYING, done, len(records))
    return Replayed(
        city=city,
        plan=plan,
        communities=tuple(sorted(records)),
        differing=tuple(sorted(differing)),
        left=tuple(sorted(left, key=lambda each: each.community)),
        versions=tuple(sorted({record.software_version for record in records.values()} - {__version__})),
    )


def _records(conn: Connection, city: City, plan: str, communities: Sequence[str]) -> dict[str, PlanRecord]:
    records = {record.community_code: record for record in plans.load_plans(conn, city, plan)}
    missing = sorted(set(communities) - set(records))
    if missing:
        raise InputError(
            Text(
                f"社区 {'、'.join(missing)} 没有方案“{plan}”，请核对社区代码和方案名称",
                f"communities {', '.join(missing)} have no plan {plan!r}; check the codes and the plan's name",
            )
        )
    asked = {code: records[code] for code in sorted(communities or records)}
    if any(record.effective_from is not None or record.revoked for record in asked.values()):
        raise InputError(
            Text(
                f"方案“{plan}”由工作台的草案批准而来，不是程序算出的，不能重算；它的由来见草案的日志",
                f"plan {plan!r} was approved from a draft of the desk, not computed; the journal of the draft tells "
                "how it came about",
            )
        )
    return asked


def _tasks(conn: Connection, city: City, records: dict[str, PlanRecord]) -> Iterator[Task]:
    """Yield the tasks that the plans came from; communities of one request are loaded together."""
    requests: dict[tuple[Rules, str, str, datetime], dict[str, Origin]] = {}
    for code, record in records.items():
        origin = origin_of(record)
        request = (_asked_rules(record), origin.start, origin.followed, record.created_at)
        requests.setdefault(request, {})[code] = origin
    for (rules, start, name, made_at), origins in requests.items():
        begun = load_start(conn, city, start) if start else None
        extents = community_extents(conn, city, tuple(origins))
        followed = plans_followed(conn, city, name) if name not in {"", TODAY} else {}
        for community in community_inputs(conn, city, extents, rules, followed, before=made_at):
            record, origin = records[community.code], origins[community.code]
            grids = None if begun is None else _checked(of_community(begun, community.code), record, origin)
            yield Task(
                community,
                load_units(conn, city, community.code),
                community_seed(record.seed, community.code),
                several=origin.alternative_to is not None,
                grids=grids,
                locked=origin.locked,
                obligations=origin.obligations,
            )


def _asked_rules(record: PlanRecord) -> Rules:
    """Return the rules that were asked for; those of an alternative differ in their order."""
    rules, wish = Rules.from_dict(record.rules), origin_of(record).alternative_to
    return rules if wish is None else replace(rules, soft_order=soft_order(wish))


def _checked(grids: gpd.GeoDataFrame, record: PlanRecord, origin: Origin) -> gpd.GeoDataFrame:
    if hash_of_grids(grids) != origin.start_hash:
        raise InputError(
            Text(
                f"社区 {record.community_code} 的方案“{record.name}”由“{origin.start}”调整而来，后者此后已变，"
                "无法重算；请用另一名称保存调整后的方案，以保留其起点",
                f"plan {record.name!r} of community {record.community_code} started from {origin.start!r}, which has "
                "changed since, so it cannot be made again; give repaired plans a name of their own",
            )
        )
    return grids


def _proposed(record: PlanRecord, proposals: Sequence[ProposedPlan]) -> ProposedPlan:
    rules = Rules.from_dict(record.rules)
    return next(proposed for proposed in proposals if proposed.rules == rules)


def _same(conn: Connection, city: City, record: PlanRecord, proposed: ProposedPlan) -> bool:
    stored = plans.load_grids(conn, city, [record]).drop(columns=["community_code", "plan_id"])
    units = plans.load_assignment(conn, city, [record]).units
    return (
        units["grid_code"].tolist() == proposed.grids["code"].iloc[proposed.labels].tolist()
        and _plain(stored) == _plain(proposed.grids)
        and _shapes(stored) == _shapes(proposed.grids)
    )


def _plain(grids: gpd.GeoDataFrame) -> list[dict[Hashable, object]]:
    table = pd.DataFrame(grids.drop(columns="geometry"))
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _shapes(grids: gpd.GeoDataFrame) -> list[bytes]:
    shapes: list[bytes] = shapely.to_wkb(shapely.normalize(grids.geometry.to_numpy())).tolist()
    return shapes
