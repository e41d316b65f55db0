"""Connections of tests: what is done there is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db.engine import engine


@contextmanager
def rolled_back(settings: Settings) -> Iterator[Connection]:
    """Yield a connection to a database, and take back what was done on it."""
    with engine(settings).connect() as connected:
        transaction = connected.begin()
        yield connected
        transaction.rollback()
