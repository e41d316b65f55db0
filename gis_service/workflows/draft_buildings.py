"""In which unit of a draft each building stands."""

from gis_service.db import approved_plans, drafts
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.plan.land import Land
from gis_service.plan.operation_records import operation_of
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_states import buildings_of_pieces


def unit_of_buildings(conn: Connection, opened: OpenDraft) -> dict[str, str]:
    """Return the code of the draft's unit in which each building of the community stands, by the building's id."""
    record, land = opened.record, opened.draft.land
    found = unit_of_stored(conn, opened.city, record.community_code, land)
    for entry in drafts.load_entries(conn, numbers=record.done):
        for piece, held in buildings_of_pieces(operation_of(entry.record)):
            if piece in land.position:
                found |= dict.fromkeys(held, piece)
    return found


def unit_of_stored(conn: Connection, city: City, community: str, land: Land) -> dict[str, str]:
    """Return the code of the unit in which each building stands, as far as units of the land are stored as such."""
    held = approved_plans.buildings_of_units(conn, city, community)
    return {building: unit for unit, own in held.items() if unit in land.position for building in own}
