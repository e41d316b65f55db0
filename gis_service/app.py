"""The application factory."""

import gc
import secrets

from flask import Flask
from flask_compress import Compress

from gis_service.config import Settings, read_settings
from gis_service.web import (
    account,
    account_admin,
    addresses,
    api_description,
    api_nearest,
    api_places,
    api_what_if,
    audit_api,
    audit_evidence,
    audit_exports,
    audit_pages,
    audit_parts,
    audit_register,
    audit_scenarios,
    audit_what_if,
    desk_api,
    errors,
    health,
    home,
    language,
    layers,
    locator,
    map_page,
    office_sign_in,
    plan_pages,
    planner,
    planner_jobs,
    print_size,
    public_city,
    responses,
    security,
    sign_in,
    stations,
    strict_json,
    tiles,
    uploads,
)
from gis_service.web.named import named
from gis_service.workflows.moments import office_minute

COMPRESSED = (
    "text/html", "text/css", "text/javascript", "application/json", "application/geo+json", "image/svg+xml",
    "application/vnd.mapbox-vector-tile",
)  # fmt: skip
MAX_REQUEST_BYTES = 1_000_000
"""A larger request is a mistake or an attack, but where files are sent (`gis_service.web.uploads`)."""


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web service for ``settings``, by default those of the environment.

    Parameters
    ----------
    settings
        The only thing in which two installations differ. Without ``secret_key`` one is made up, which serves a
        single process only.
    """
    settings = read_settings() if settings is None else settings
    app = Flask(__name__, static_folder="web/static", template_folder="web/templates")
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        COMPRESS_MIMETYPES=list(COMPRESSED),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,  # layers an eighth smaller than at 4, for the same work
        COMPRESS_STREAMS=False,
    )
    app.extensions["gis_service.settings"] = settings
    app.jinja_env.globals["operator"] = settings.operator
    app.jinja_env.globals["map_approval"] = settings.map_approval
    app.jinja_env.filters.update(thousands="{:,}".format, office_minute=office_minute, named=named)
    Compress(app)
    app.after_request(responses.keep_nothing)
    app.after_request(responses.whole_file)  # runs before the compression, which takes whole bodies only
    strict_json.init_json(app)
    addresses.init_addresses(app)
    uploads.init_uploads(app)
    security.init_security(app, settings)
    sign_in.init_sign_in(app, settings)
    office_sign_in.init_office_sign_in(app, settings)
    language.init_language(app, settings)
    print_size.init_print_size(app)
    audit_parts.init_audit_parts(app)
    errors.init_errors(app)
    for module in (
        home,
        map_page,
        layers,
        tiles,
        health,
        api_description,
        desk_api,
        planner,
        plan_pages,
        planner_jobs,
        api_nearest,
        api_places,
        api_what_if,
        locator,
        stations,
        audit_pages,
        audit_evidence,
        audit_register,
        audit_exports,
        audit_what_if,
        audit_scenarios,
        audit_api,
        account,
        account_admin,
        office_sign_in,
    ):
        app.register_blueprint(module.blueprint)
    return app


def create_served_app() -> Flask:
    """Return the web service for a server that forks its workers from this process.

    What answers the public of a city is loaded before, so that memory holds it once and no first visitor waits.
    """
    app = create_app()
    public_city.load_ahead(app)
    gc.freeze()  # the collector would write to every object, and each worker keep a copy of its own
    return app
