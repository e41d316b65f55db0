"""What gunicorn is told to do besides serving; see `scripts/serve.py`."""

from threading import Thread
from typing import Any

from gis_service.web import api_what_if


def post_worker_init(worker: Any) -> None:
    """Load the cities that staff try changes in, in a worker that takes requests already.

    Before the fork it would delay the start by a second for every ten thousand buildings; so each worker has them for
    itself.
    """
    Thread(target=api_what_if.load_ahead, args=(worker.wsgi,), daemon=True).start()
