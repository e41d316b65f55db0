"""Snapshots come back, newest first, with the hash of their canonical text."""

import hashlib

from sqlalchemy import Connection

from gis_service.db import snapshots
from gis_service.db.cities import City


def test_snapshots_come_back_newest_first(connection: Connection, city: City) -> None:
    first = snapshots.save_snapshot(connection, city, {"层": [1, None]}, '{"层":[1,null]}', software_version="1")
    second = snapshots.save_snapshot(connection, city, {}, "{}", software_version="2")
    found = snapshots.load_snapshots(connection, city)
    assert [(snapshot.id, snapshot.content_hash) for snapshot in found] == [second, first]
    assert found[1].content == {"层": [1, None]}
    assert first[1] == hashlib.sha256('{"层":[1,null]}'.encode()).hexdigest()
