"""What all plans of one name are worth together, so that people can choose between plans."""

from dataclasses import dataclass, field
from datetime import datetime

from gis_service.partition.quality import Quality
from gis_service.plan.priorities import SoftRule


@dataclass(frozen=True)
class PlanSummary:
    """The plans of one name over the communities of a city.

    Parameters
    ----------
    name
        Name of the plans.
    keys
        Their keys in the store, by community.
    created_at
        When the newest of them was made.
    quality
        Their qualities together; None where some were made by software that did not note it.
    households_moved
        Households that change grid against what the plans started from [count]; None where none started from grids.
    starts
        Names of what they started from, sorted; empty where they started from nothing.
    first
        What they put first after size and barriers, in the usual order; several where they differ.
    rules
        A hash of the rules of each, in the order of ``keys``: equal for equal rules.
    """

    name: str
    keys: tuple[int, ...]
    created_at: datetime
    quality: Quality | None = None
    households_moved: int | None = None
    starts: tuple[str, ...] = ()
    first: tuple[SoftRule, ...] = field(default=())
    rules: tuple[str, ...] = ()
