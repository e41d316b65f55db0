"""The city that the public asks about, as its data are now, and the time there."""

from datetime import datetime, timedelta, timezone
from typing import Any

from flask import Blueprint, current_app

from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import load_plans
from gis_service.web.api_nearest import kept_places
from gis_service.web.audience import current_settings
from gis_service.web.kept_cities import KeptCities
from gis_service.workflows.locator import Locator, load_locator

BEIJING = timezone(timedelta(hours=8))
"""The time of all Chinese cities, whatever the server's clock is set to."""


def hold_locators(blueprint: Blueprint) -> None:
    """Give every application that ``blueprint`` is registered with its own locators and a clock."""

    def hold(state: Any) -> None:
        state.app.extensions.setdefault("gis_service.locators", KeptCities(load_locator))
        state.app.extensions.setdefault("gis_service.clock", lambda: datetime.now(BEIJING).replace(tzinfo=None))

    blueprint.record_once(hold)


def local_now() -> datetime:
    """Return the local time, by the clock of the application, which tests may set."""
    now: datetime = current_app.extensions["gis_service.clock"]()
    return now


def locator_of(conn: Connection, city: City) -> Locator:
    """Return what answers the public of a city; grids are named only where the settings publish them."""
    locators: KeptCities[Locator] = current_app.extensions["gis_service.locators"]
    # A plan that is only proposed is nobody's business but the desk's.
    plans = load_plans(conn, city, on=local_now().date()) if current_settings().public_grids else []
    return locators.of(conn, city, kept_places(conn, city), tuple(sorted(plan.id for plan in plans)))
