"""Every plan a city's communities have, not only the newest."""

from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.plans import PlanRecord, load_plans
from gis_service.db.tables import Plan, Region


def load_plan_history(conn: Connection, city: City) -> list[PlanRecord]:
    """Return all stored plans of a city, the newest first."""
    query = select(Plan.name).distinct().join(Region, Region.id == Plan.region_id).where(Region.city_id == city.id)
    records = [record for name in conn.scalars(query).all() for record in load_plans(conn, city, name)]
    return sorted(records, key=lambda record: (record.created_at, record.id), reverse=True)
