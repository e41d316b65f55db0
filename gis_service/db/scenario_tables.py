"""The tables of scenarios that officials keep: what was imagined, what it gained, and what that rests on.

Rows are added, never changed or deleted, and name cities, regions and facilities by code: they outlive imports.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, key, reference

KEPT_TABLES = ("scenario", "scenario_withdrawal")
"""Tables whose rows are never changed; a trigger refuses it."""


class Scenario(Base):
    """A scenario as it was kept."""

    __tablename__ = "scenario"
    __table_args__ = (
        Index("ix_scenario_city_id", "city", "id"),
        {"comment": "Scenarios kept to be compared, with their figures; rows are added, never changed"},
    )

    id: Mapped[int] = key("Number people know it by")
    city: Mapped[str] = mapped_column(comment="Name of the city")
    name: Mapped[str] = mapped_column(comment="What people call it")
    roots: Mapped[list[str]] = mapped_column(
        comment="Codes of the regions whose people were counted; empty: the whole city"
    )
    content: Mapped[dict[str, Any]] = mapped_column(comment="Sites with their costs, and facilities closed")
    gains: Mapped[dict[str, Any]] = mapped_column(comment="What it gained, as it was computed when it was kept")
    rules: Mapped[dict[str, Any]] = mapped_column(comment="Walking parameters in force")
    reach_run: Mapped[int | None] = mapped_column(
        BigInteger, comment="Reach run they are those of; NULL: there was none"
    )
    data_date: Mapped[date] = mapped_column(comment="The data describe this day")
    dataset_hash: Mapped[str] = mapped_column(comment="SHA-256 of the data it was computed from")
    software_version: Mapped[str] = mapped_column(comment="Version that computed it")
    who: Mapped[str] = mapped_column(comment="Login and post of who kept it, as they were then")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")


class ScenarioWithdrawal(Base):
    """A scenario that is no longer shown."""

    __tablename__ = "scenario_withdrawal"
    __table_args__ = ({"comment": "Scenarios taken off the list; rows are added, never changed"},)

    scenario_id: Mapped[int] = reference("scenario.id", "Scenario", primary_key=True, autoincrement=False)
    who: Mapped[str] = mapped_column(comment="Login and post of who took it off, as they were then")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")
