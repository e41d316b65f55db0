"""The service's own database user may add to the journal and do nothing else to it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis_service.config import Settings
from gis_service.db import cluster, migrate
from gis_service.db.engine import begin, engine
from gis_service.errors import DatabaseUnavailableError

ENTRY = (
    "INSERT INTO journal (draft, city, community, revision, action, record, back, digest, who, reason) "
    "VALUES (1, 'c', 'x', 0, 'begin', '{}', '{}', '', 'somebody', '')"
)


@pytest.fixture(scope="module")
def private() -> Iterator[Settings]:
    """Return settings of a migrated private cluster, as the README's programs make it."""
    folder = Path(tempfile.mkdtemp(prefix="gis_service_", dir="/var/tmp"))
    folder.chmod(0o711)
    settings = Settings(cluster_dir=folder / "cluster")
    cluster.start(settings, durable=False)
    assert migrate.upgrade(settings) == ()
    with begin(settings) as conn:
        conn.execute(text(ENTRY))
    yield settings
    engine(settings).dispose()
    cluster.stop(settings)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET who = 'x'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "ALTER TABLE journal DISABLE TRIGGER journal_is_final",
        "DROP TRIGGER journal_is_final ON journal",
        "CREATE RULE none AS ON INSERT TO journal DO INSTEAD NOTHING",
        "ALTER TABLE journal OWNER TO gis_service",
        "GRANT ALL ON journal TO gis_service",
        "SET ROLE gis_service_keeper",
    ],
)
def test_the_services_user_can_neither_alter_the_journal_nor_take_its_guard_away(
    private: Settings, statement: str
) -> None:
    with pytest.raises((DatabaseUnavailableError, ProgrammingError)), begin(private) as conn:
        conn.execute(text(f"{statement}; UPDATE journal SET who = 'x'"))
    with begin(private) as conn:
        assert conn.scalars(text("SELECT who FROM journal")).all() == ["somebody"]


def test_an_upgrade_of_the_private_cluster_changes_nothing_the_second_time(private: Settings) -> None:
    assert migrate.upgrade(private) == ()
    migrate.check(private)


def test_a_database_of_ones_own_is_told_what_its_administrator_does(
    connection: Connection, database_settings: Settings
) -> None:
    (told,) = [words for words in migrate.upgrade(database_settings) if "journal" in words.zh]
    assert "ALTER TABLE public.journal OWNER TO gis_service_keeper" in told.zh
