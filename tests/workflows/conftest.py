"""The small town, imported into a real PostGIS; and the real cities, divided, walked and audited."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.partition_city import partition_city
from tests.connecting import rolled_back
from tests.workflows.real_cases import IN_PROCESSES, WALKED
from tests.workflows.town import write_town


@dataclass(frozen=True)
class AuditedCase:
    """A real city that was imported, divided, walked where it has streets, and audited; tests only read it."""

    settings: Settings
    folder: Path
    findings: tuple[Finding, ...]


@pytest.fixture
def town_folder(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town")


@pytest.fixture
def town(connection: Connection, town_folder: Path) -> Imported:
    return import_city(connection, town_folder)


@pytest.fixture
def conn(settings: Settings) -> Iterator[Connection]:
    """Return a connection to the database of the module's own ``settings``; what a test does there is rolled back."""
    with rolled_back(settings) as connected:
        yield connected


@pytest.fixture(scope="session")
def audited_case(imported_case: Callable[[str], Settings], cases_dir: Path) -> Callable[[str], AuditedCase]:
    """Return a function that gives a case after the whole road, which each goes once."""
    audited: dict[str, AuditedCase] = {}

    def give(name: str) -> AuditedCase:
        if name not in audited:
            settings = imported_case(name)
            with begin(settings) as conn:
                partition_city(conn, name, rules=Rules(), workers=2 if name in IN_PROCESSES else 1)
                if name in WALKED:
                    check_city_reach(conn, name, rules=ReachRules())
                findings = tuple(audit_city(conn, name).findings)
            audited[name] = AuditedCase(settings, cases_dir / name, findings)
        return audited[name]

    return give
