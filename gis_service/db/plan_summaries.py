"""What the stored plans of a city are worth, one row a name."""

from dataclasses import fields
from importlib import resources

from sqlalchemy import Connection, text

from gis_service.db.cities import City
from gis_service.partition.plan_summary import PlanSummary
from gis_service.partition.quality import Quality
from gis_service.plan.priorities import SOFT_RULES

__all__ = ["PlanSummary", "load_plan_summaries"]

_QUERY = resources.files("gis_service.db").joinpath("queries", "plan_summaries.sql").read_text(encoding="utf-8")


def load_plan_summaries(conn: Connection, city: City) -> list[PlanSummary]:
    """Return what the plans of each name are worth together, the newest first; empty before the first partition."""
    return [
        PlanSummary(
            name=row["name"],
            keys=tuple(row["keys"]),
            created_at=row["created_at"],
            quality=Quality(**{part.name: row[part.name] for part in fields(Quality)}) if row["valued"] else None,
            households_moved=row["households_moved"],
            starts=tuple(sorted(row["starts"] or ())),
            rules=tuple(row["rules"]),
            first=tuple(rule for rule in SOFT_RULES if rule in (row["first"] or ())),
        )
        for row in conn.execute(text(_QUERY), {"city_id": city.id}).mappings()
    ]
