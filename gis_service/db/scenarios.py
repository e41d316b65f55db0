"""Scenarios that officials keep: rows are added, never changed; what is taken off the list stays in the store."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis_service.db.scenario_tables import Scenario, ScenarioWithdrawal


@dataclass(frozen=True)
class KeptScenario:
    """A scenario as it was kept; columns as in the table ``scenario``."""

    id: int
    city: str
    name: str
    roots: tuple[str, ...]
    content: dict[str, Any]
    gains: dict[str, Any]
    rules: dict[str, Any]
    reach_run: int | None
    data_date: date
    dataset_hash: str
    software_version: str
    who: str
    at: datetime


def save_scenario(
    conn: Connection,
    city: str,
    name: str,
    *,
    roots: Sequence[str],
    content: dict[str, Any],
    gains: dict[str, Any],
    rules: dict[str, Any],
    reach_run: int | None,
    data_date: date,
    dataset_hash: str,
    software_version: str,
    who: str,
) -> int:
    """Add a scenario and return its number."""
    values: dict[str, Any] = {"city": city, "name": name, "roots": list(roots), "content": content, "gains": gains}
    values |= {"rules": rules, "reach_run": reach_run, "data_date": data_date, "dataset_hash": dataset_hash}
    values |= {"software_version": software_version, "who": who}
    return conn.scalars(insert(Scenario).values(values).returning(Scenario.id)).one()


def load_scenarios(conn: Connection, city: str) -> list[KeptScenario]:
    """Return the scenarios of a city that are on the list, the first kept first."""
    query = (
        select(*(getattr(Scenario, field.name) for field in fields(KeptScenario)))
        .where(Scenario.city == city)
        .where(Scenario.id.not_in(select(ScenarioWithdrawal.scenario_id)))
        .order_by(Scenario.id)
    )
    return [KeptScenario(**{**row, "roots": tuple(row["roots"])}) for row in conn.execute(query).mappings()]


def save_withdrawal(conn: Connection, scenario: int, *, who: str) -> None:
    """Take a scenario off the list."""
    conn.execute(insert(ScenarioWithdrawal).values({"scenario_id": scenario, "who": who}))
