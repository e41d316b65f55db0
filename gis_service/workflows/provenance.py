"""Where an export's figures come from, put together once for every format."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import geopandas as gpd

from gis_service import __version__
from gis_service.config import Settings
from gis_service.db.cities import City
from gis_service.db.plans import PlanRecord
from gis_service.db.siting_runs import StoredSiting
from gis_service.errors import Text
from gis_service.exports.about import About, rules_sentence
from gis_service.plan.rules import Rules
from gis_service.reach.check import ReachRules
from gis_service.workflows.counted_words import counted_remark
from gis_service.workflows.network_words import network_remarks
from gis_service.workflows.scenario import AS_IT_IS, Scenario
from gis_service.workflows.siting_words import answer_text, question_text

PUT_FORWARD = "网格方案及其边界、单元由本软件划定，是供审议的方案，不是现状"
APPROVED = "网格边界由本软件沿单元划定，并经审核批准"


def about_plan(city: City, records: Sequence[PlanRecord], of_city: gpd.GeoDataFrame, settings: Settings) -> About:
    """Return the provenance of exported plans, made when the newest of them was, so that equal exports are equal.

    Parameters
    ----------
    city
        The city.
    records
        The plans, at least one; different names and rules are all told, rules with how many communities follow each.
    of_city
        The buildings of the whole city: ``community_code`` (None: outside every community), ``households`` and
        ``households_source``.
    settings
        Names the operator and the map approval.
    """
    followed = rules_followed(records)
    differing = rules_differ(followed)
    texts = [text.zh if differing is None else f"{count} 个社区：{text.zh}" for text, count in followed]
    if differing is not None:
        texts.insert(0, differing.zh)
    return replace(
        _about_data(city, of_city, settings, made_at=max(record.created_at for record in records)),
        plan="、".join(sorted({record.name for record in records})),
        seeds=tuple(sorted({record.seed for record in records})),
        rules="；".join(texts),
        derived=_derived(of_city),
    )


def _derived(of_city: gpd.GeoDataFrame, plan: str = PUT_FORWARD) -> str:
    """Return what in the file of a plan is not given but worked out."""
    estimated = int((of_city["households_source"] == "estimated").sum())
    counts = f"；{estimated:,} 栋楼的户数由小区或社区总数推算" if estimated else ""
    return f"{plan}{counts}"


def about_community(
    city: City,
    of_community: gpd.GeoDataFrame,
    settings: Settings,
    *,
    title: str,
    rules: Rules,
    made_at: datetime,
    approved: bool,
) -> About:
    """Return the provenance of the plan of one community, made when it last changed.

    Parameters
    ----------
    city
        The city.
    of_community
        The buildings of the community.
    settings
        Names the operator and the map approval.
    title, rules
        What people call the plan, and its rules.
    made_at
        When it last changed.
    approved
        It is in force, or was or will be, and not only put forward.
    """
    return replace(
        _about_data(city, of_community, settings, made_at=made_at),
        plan=title,
        rules=rules_sentence(rules).zh,
        derived=_derived(of_community, APPROVED if approved else PUT_FORWARD),
    )


def rules_followed(records: Sequence[PlanRecord]) -> tuple[tuple[Text, int], ...]:
    """Return the rules of plans in full, each with how many communities follow them, sorted."""
    followers = Counter(rules_sentence(Rules.from_dict(record.rules)) for record in records)
    return tuple(sorted(followers.items(), key=lambda entry: entry[0].zh))


def rules_differ(followed: Sequence[tuple[Text, int]]) -> Text | None:
    """Return one sentence for readers of city-wide figures where plans follow different rules; None where all agree.

    Parameters
    ----------
    followed
        Of :func:`rules_followed`.
    """
    if len(followed) < 2:  # noqa: PLR2004 one set of rules is no difference
        return None
    return Text(
        f"各社区方案所依规则不同（共 {len(followed)} 种），全市合计混合了不同口径，社区之间不能直接比较",
        f"the communities' plans follow {len(followed)} different sets of rules: city-wide figures mix them, and "
        "communities cannot be compared directly",
    )


def about_reach(
    city: City,
    rules: ReachRules,
    of_city: gpd.GeoDataFrame,
    settings: Settings,
    *,
    scenario: Scenario = AS_IT_IS,
    summary: Mapping[str, Any] = MappingProxyType({}),
) -> About:
    """Return the provenance of an exported reach run, made now.

    Parameters
    ----------
    city, rules
        The city and the run's parameters.
    of_city
        The buildings of the whole city: ``community_code`` (None: outside every community) and ``households``.
    settings
        Names the operator and the map approval.
    scenario
        What was imagined.
    summary
        Of the run; what it tells of the network is told here too.
    """
    return replace(
        _about_data(city, of_city, settings, made_at=datetime.now(UTC)),
        minutes=rules.minutes,
        speed_m_per_s=rules.speed_m_per_s,
        counted=_counted(rules, summary),
        kinds=rules.kinds,
        scenario=scenario.text.zh,
        network="；".join(remark.zh for remark in network_remarks(summary)),
    )


def about_siting(city: City, run: StoredSiting, of_city: gpd.GeoDataFrame, settings: Settings) -> About:
    """Return the provenance of an exported siting run, made when the run was, so that equal exports are equal.

    Parameters
    ----------
    city
        The city.
    run
        The run as stored; question, objective, bound and gap are told as the scenario.
    of_city
        The buildings of the whole city: ``community_code`` (None: outside every community) and ``households``.
    settings
        Names the operator and the map approval.
    """
    reach = run.rules.reach
    return replace(
        _about_data(city, of_city, settings, made_at=run.created_at),
        software_version=run.software_version,
        minutes=reach.minutes,
        speed_m_per_s=reach.speed_m_per_s,
        counted=_counted(reach, run.result.summary),
        kinds=reach.kinds,
        network="；".join(remark.zh for remark in network_remarks(run.result.summary)),
        scenario=f"选址建议，不是现状：{question_text(run.rules, run.result.summary, given=run.given).zh}；"
        f"{answer_text(run.rules, run.result.summary).zh}",
    )


def _counted(rules: ReachRules, summary: Mapping[str, Any]) -> str:
    """Return what walks count besides their lengths."""
    remark = counted_remark(rules.profile, summary)
    return "" if remark is None else remark.zh


def _about_data(city: City, of_city: gpd.GeoDataFrame, settings: Settings, *, made_at: datetime) -> About:
    """Return what every export of a city says."""
    outside = of_city[of_city["community_code"].isna()]
    return About(
        city=city.name,
        title=city.title,
        data_date=city.data_date,
        synthetic=city.synthetic,
        licence=city.licence,
        sources=tuple(city.sources),
        software_version=__version__,
        made_at=made_at,
        content_hash=city.content_hash,
        buildings_outside=len(outside),
        households_outside=int(outside["households"].sum()),
        map_approval=settings.map_approval,
        operator=settings.operator,
    )
