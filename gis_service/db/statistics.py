"""What PostgreSQL plans queries by, brought up to date where much has just been written."""

from typing import Literal

from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gis_service.db.columns import Base
from gis_service.db.reach_tables import BandCoverage, Catchment, ReachFacility
from gis_service.db.register_tables import Snapshot, SnapshotArea, SnapshotBuilding
from gis_service.db.tables import (
    Assignment,
    Barrier,
    Building,
    Coverage,
    Estate,
    Facility,
    Gap,
    GivenGrid,
    Grid,
    NetworkEdge,
    NetworkNode,
    Plan,
    ReachBuilding,
    ReachRun,
    Region,
    ServiceCircle,
    Unit,
    UnitBuilding,
)

Part = Literal["dataset", "plans", "walks", "audits"]
TABLES: dict[Part, tuple[type[Base], ...]] = {
    "dataset": (Region, Estate, Building, Barrier, Facility, GivenGrid, NetworkNode, NetworkEdge),
    "plans": (Unit, UnitBuilding, Plan, Grid, Assignment),
    "walks": (ReachRun, ReachBuilding, ServiceCircle, Gap, Coverage, Catchment, ReachFacility, BandCoverage),
    "audits": (Snapshot, SnapshotBuilding, SnapshotArea),
}
"""The tables that are written together, in the order in which they are locked."""


def refresh_statistics(conn: Connection, part: Part) -> None:
    """Count the rows of some tables for PostgreSQL's planner; the last thing a transaction that fills them does.

    Autovacuum would do it a while after the commit. Until then the planner may hold a full table for empty: a vacuum
    that passes while the rows are not committed yet notes pages without rows, and the planner then takes later rows for
    none and searches tables once for every row of another. Reading the assignment of 4,338 buildings to 4,596 units
    took 25 s in place of 0.7 s, and it grows with their product.

    Parameters
    ----------
    conn
        Open transaction, which keeps others from doing the same to these tables until it ends, and nobody from reading
        or writing them. Where others keep it waiting for longer than a lock is waited for, the rows stay uncounted:
        what was written is not given up for that, and autovacuum comes by.
    part
        Which tables, see `TABLES`.
    """
    names = ", ".join(table.__tablename__ for table in TABLES[part])
    try:
        with conn.begin_nested():
            conn.execute(text(f"ANALYZE {names}"))
    except OperationalError as fault:
        if not isinstance(fault.orig, LockNotAvailable):
            raise
