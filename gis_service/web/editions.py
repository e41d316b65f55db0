"""Which plan a request asks to see."""

from flask import request

from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.layers import Edition, load_edition


def asked_edition(conn: Connection, city: City, *, staff: bool) -> Edition:
    """Return what the map shows to this request: staff may name a plan with ``?plan=``, the public sees none.

    Raises
    ------
    UnknownPlanError
        Staff ask for a plan that there is not.
    """
    return load_edition(conn, city, plan=(request.args.get("plan") or None) if staff else None)
