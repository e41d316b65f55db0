"""The city that the public asks about, as its data are now, and the time there."""

from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Flask, current_app

from gis_service.db.cities import City
from gis_service.db.engine import Connection, engine, reading
from gis_service.db.plans import load_plans
from gis_service.errors import GisServiceError
from gis_service.exports.about import BEIJING
from gis_service.ingest.grid_phones import read_grid_phones
from gis_service.web.api_nearest import kept_places
from gis_service.web.audience import current_settings
from gis_service.web.errors import log_for_operators
from gis_service.web.kept_cities import KeptCities, cities_ahead
from gis_service.workflows.locator import STANDARD, Locator, Question, load_locator


def hold_locators(blueprint: Blueprint) -> None:
    """Give every application that ``blueprint`` is registered with its own locators and a clock."""

    def hold(state: Any) -> None:
        held = state.app.extensions
        if "gis_service.locators" not in held:
            file = held["gis_service.settings"].grid_phones
            phones = {} if file is None else read_grid_phones(file)
            held["gis_service.locators"] = KeptCities(partial(load_locator, grid_phones=phones))
            held["gis_service.clock"] = lambda: datetime.now(BEIJING).replace(tzinfo=None)

    blueprint.record_once(hold)


def local_now() -> datetime:
    """Return the local time to the minute, by the clock of the application, which tests may set."""
    now: datetime = current_app.extensions["gis_service.clock"]()
    return now.replace(second=0, microsecond=0)  # what is remembered of a minute serves all of it


def locator_of(conn: Connection, city: City) -> Locator:
    """Return what answers the public of a city; grids are named only where the settings publish them."""
    locators: KeptCities[Locator] = current_app.extensions["gis_service.locators"]
    # A plan that is only proposed is nobody's business but the desk's.
    plans = load_plans(conn, city, on=local_now().date()) if current_settings().public_grids else []
    return locators.of(conn, city, kept_places(conn, city), tuple(sorted(plan.id for plan in plans)))


def load_ahead(app: Flask) -> None:
    """Load what answers the public of the cities that are asked about most likely.

    A database that does not answer yet is no reason not to start: the first questions load what is missing.
    """
    settings = app.extensions["gis_service.settings"]
    with app.app_context():
        try:
            with reading(settings) as conn:
                for city in cities_ahead(conn):
                    locator = locator_of(conn, city)
                    for place in locator.gazetteer.places[:1]:
                        locator.listing(Question(place.lon, place.lat), STANDARD, local_now())  # readies the kernels
            engine(settings).dispose()  # a connection cannot serve two processes
        except GisServiceError as fault:
            log_for_operators(fault)
