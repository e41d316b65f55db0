"""Who is asking, and what they may see."""

from enum import Enum

from flask import abort, current_app

from gis_service.config import Settings
from gis_service.db.cities import City
from gis_service.web.sign_in import signed_in


class Audience(Enum):
    """The two kinds of reader there are until accounts exist."""

    PUBLIC = "public"
    STAFF = "staff"


PUBLIC_LAYERS = (
    "counties",
    "streets",
    "communities",
    "estates",
    "barriers",
    "facilities",
    "other_facilities",
    "circles",
    "facility_circles",
    "catchments",
)
STAFF_LAYERS = (*PUBLIC_LAYERS, "grids", "gaps", "sites")
PUBLIC_TILES = ("base",)
STAFF_TILES = (*PUBLIC_TILES, "buildings")


def audience_of(city: City, settings: Settings) -> Audience:
    """Return staff where somebody with a role in the whole city is signed in, or everybody counts as staff.

    Everybody does where the process runs for staff or the city is invented.
    """
    account = signed_in()
    known = account is not None and any(grant.covers(city.name) for grant in account.grants)
    return Audience.STAFF if known or settings.staff_view or city.synthetic else Audience.PUBLIC


def is_staff(city: City) -> bool:
    """Return whether this request comes from staff."""
    return audience_of(city, current_settings()) is Audience.STAFF


def staff_only(city: City) -> None:
    """Answer 404 unless this request comes from staff: a hidden thing looks like one that is not there."""
    if not is_staff(city):
        abort(404)


def version_for(version: str, *, staff: bool) -> str:
    """Return what bodies are called by in addresses and ETags: version of the data and audience.

    Public and staff may share an origin, one after the other, and with it a browser's cache; an address that may be
    kept must therefore not mean the bodies of both.
    """
    return f"{version}-{(Audience.STAFF if staff else Audience.PUBLIC).value}"


def layers_for(*, staff: bool) -> tuple[str, ...]:
    """Return the GeoJSON layers a reader may fetch."""
    return STAFF_LAYERS if staff else PUBLIC_LAYERS


def tiles_for(*, staff: bool) -> tuple[str, ...]:
    """Return the tile layers a reader may fetch."""
    return STAFF_TILES if staff else PUBLIC_TILES


def current_settings() -> Settings:
    """Return the settings the application was created with."""
    settings = current_app.extensions["gis_service.settings"]
    assert isinstance(settings, Settings)  # noqa: S101 narrows the type of Flask's untyped registry
    return settings
