"""What is made once for each state of a city's data and then answers many requests."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from gis_service.db.cities import City, load_cities
from gis_service.db.engine import Connection

CITIES_KEPT = 4
"""Cities held in memory, those asked last."""

Kept = TypeVar("Kept")


def cities_ahead(conn: Connection) -> list[City]:
    """Return the cities to be loaded before anybody asks: real ones and the newest first, as far as there is room."""
    newest_first = sorted(load_cities(conn), key=lambda city: city.imported_at, reverse=True)
    return sorted(newest_first, key=lambda city: city.synthetic)[:CITIES_KEPT]


class KeptCities(Generic[Kept]):
    """Something by city, made once for each state of its data."""

    def __init__(self, load: Callable[..., Kept]) -> None:
        self._load = load
        self._lock = Lock()
        self._loading: defaultdict[str, Lock] = defaultdict(Lock)
        self._kept: OrderedDict[str, tuple[object, Kept]] = OrderedDict()

    def of(self, conn: Connection, city: City, *wants: Hashable) -> Kept:
        """Return what belongs to a city as its data are now; while it is loaded only questions about this city wait.

        Parameters
        ----------
        conn, city
            Transaction and city.
        wants
            What else the loading depends on; it is called with it.
        """
        state = (city.id, city.content_hash, city.imported_at, *wants)
        with self._lock:
            loading = self._loading[city.name]
        with loading:
            with self._lock:
                kept = self._kept.get(city.name)
            if kept is None or kept[0] != state:
                kept = (state, self._load(conn, city, *wants))
            with self._lock:
                self._kept[city.name] = kept
                self._kept.move_to_end(city.name)
                while len(self._kept) > CITIES_KEPT:
                    self._kept.popitem(last=False)
            return kept[1]
