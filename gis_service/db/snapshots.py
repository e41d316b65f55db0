"""Snapshots: audits, frozen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis_service.db import tables
from gis_service.db.cities import City


@dataclass(frozen=True)
class Snapshot:
    """A frozen audit.

    Parameters
    ----------
    id
        Key in the store.
    content
        Indicators, findings, parameters, hashes.
    content_hash
        SHA-256 [hex] of the content's canonical JSON.
    software_version, taken_at
        What made it, and when it was saved.
    """

    id: int
    content: dict[str, Any]
    content_hash: str
    software_version: str
    taken_at: datetime


def save_snapshot(
    conn: Connection, city: City, content: Mapping[str, Any], canonical: str, *, software_version: str
) -> tuple[int, str]:
    """Store a snapshot and return its key and hash.

    Parameters
    ----------
    conn, city
        Transaction and city.
    content
        Plain values for JSON.
    canonical
        The same content as canonical JSON, of which the hash is taken.
    software_version
        What made it.
    """
    content_hash = hashlib.sha256(canonical.encode()).hexdigest()
    row = {
        "city_id": city.id,
        "content": dict(content),
        "content_hash": content_hash,
        "software_version": software_version,
    }
    key = conn.scalars(insert(tables.Snapshot).values(row).returning(tables.Snapshot.id)).one()
    return key, content_hash


def load_snapshots(conn: Connection, city: City) -> list[Snapshot]:
    """Return the city's snapshots, newest first."""
    found = tables.Snapshot
    columns = [getattr(found, field.name) for field in fields(Snapshot)]
    query = select(*columns).where(found.city_id == city.id).order_by(found.taken_at.desc(), found.id.desc())
    return [Snapshot(*row) for row in conn.execute(query)]
