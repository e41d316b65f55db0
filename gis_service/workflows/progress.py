"""How long work tells its caller where it stands."""

from collections.abc import Callable

from gis_service.errors import Text

Report = Callable[[Text, int, int], None]
"""Called with what is being done, how much of it is done and how much there is; total 0 means unknown."""


def silent(step: Text, done: int, total: int) -> None:
    """Report nothing."""
