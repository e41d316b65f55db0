"""Where an export's figures come from, put together once for every format."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from gis_service import __version__
from gis_service.config import Settings
from gis_service.db.cities import City
from gis_service.exports.about import About, rules_text
from gis_service.plan.rules import Rules
from gis_service.reach.check import ReachRules


def about_plan(city: City, rules: Mapping[str, Rules], made_at: datetime, settings: Settings) -> About:
    """Return the provenance of exported plans.

    Parameters
    ----------
    city
        The city.
    rules
        Community code to the rules its plan was made by; different ones are all named, with how many follow each.
    made_at
        When the plan was stored, so that exporting it again gives the same file.
    settings
        Names the operator and the map approval.
    """
    followers = Counter(rules_text(own) for own in rules.values())
    texts = [text if len(followers) == 1 else f"{count} 个社区：{text}" for text, count in sorted(followers.items())]
    return _about(city, made_at, settings, rules="；".join(texts))


def about_reach(city: City, rules: ReachRules, settings: Settings) -> About:
    """Return the provenance of an exported reach run, made now; parameters as in ``about_plan``."""
    return _about(city, datetime.now(UTC), settings, minutes=rules.minutes, speed_m_per_s=rules.speed_m_per_s)


def _about(
    city: City,
    made_at: datetime,
    settings: Settings,
    *,
    rules: str = "",
    minutes: float | None = None,
    speed_m_per_s: float | None = None,
) -> About:
    return About(
        city=city.name,
        title=city.title,
        data_date=city.data_date,
        synthetic=city.synthetic,
        licence=city.licence,
        sources=tuple(city.sources),
        software_version=__version__,
        made_at=made_at,
        rules=rules,
        minutes=minutes,
        speed_m_per_s=speed_m_per_s,
        map_approval=settings.map_approval,
        operator=settings.operator,
    )
