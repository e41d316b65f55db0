"""Whether the service can answer."""

from concurrent.futures import Future
from threading import Lock, Thread

from flask import Blueprint, Response, jsonify

from gis_service import __version__
from gis_service.config import Settings
from gis_service.db import migrate
from gis_service.db.cities import load_cities
from gis_service.db.engine import reading
from gis_service.errors import DatabaseUnavailableError, GisServiceError, Text
from gis_service.web.audience import current_settings
from gis_service.web.errors import UNAVAILABLE, log_for_operators

blueprint = Blueprint("health", __name__)

PATIENCE_S = 0.8
"""How long a database may keep silent [s] before the service counts as unavailable."""


class Probe:
    """Asks the database in a thread of its own, one at a time, for a silent server can hold a question for ever."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[Settings, Future[int]] = {}

    def count_cities(self, settings: Settings) -> int:
        """Return the number of cities; raises `GisServiceError` when that cannot be had within ``PATIENCE_S``."""
        with self._lock:
            asked = self._asked.get(settings)
            if asked is None or asked.done():
                asked = self._asked[settings] = Future()
                Thread(target=_answer, args=(asked, settings), daemon=True).start()
        try:
            return asked.result(timeout=PATIENCE_S)
        except TimeoutError as silence:
            raise DatabaseUnavailableError(
                Text(f"数据库在 {PATIENCE_S} 秒内没有回答", f"the database did not answer within {PATIENCE_S} s")
            ) from silence


_probe = Probe()


@blueprint.get("/healthz")
def healthz() -> Response:
    """Return 200 when cities can be read from tables of this version, otherwise 503; the log tells the reason."""
    try:
        cities = _probe.count_cities(current_settings())
    except GisServiceError as fault:
        log_for_operators(fault)
        response = jsonify(status="unavailable", reason=str(UNAVAILABLE), version=__version__)
        response.status_code = 503
    else:
        response = jsonify(status="ok", cities=cities, version=__version__)
    return response


def _answer(asked: "Future[int]", settings: Settings) -> None:
    try:
        with reading(settings) as conn:
            migrate.require_current(conn)
            asked.set_result(len(load_cities(conn)))
    except BaseException as fault:  # noqa: BLE001 whoever asked gets it
        asked.set_exception(fault)
