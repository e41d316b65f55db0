"""Plans that were in force before others."""

from dataclasses import fields

from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import c_order
from gis_service.db.plans import PlanRecord
from gis_service.db.tables import Plan, Region


def load_approved(conn: Connection, city: City) -> list[PlanRecord]:
    """Return every plan of a city that was ever approved, by community and then the latest first."""
    names = [field.name for field in fields(PlanRecord)]
    columns = [Region.code if name == "community_code" else getattr(Plan, name) for name in names]
    query = (
        select(*columns)
        .join(Region, Region.id == Plan.region_id)
        .where(Region.city_id == city.id, Plan.effective_from.is_not(None))
        .order_by(c_order(Region.code), Plan.effective_from.desc())
    )
    return [PlanRecord(*row) for row in conn.execute(query)]
