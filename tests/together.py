"""Which tests stay with one worker, so that what they share is made once."""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

from tests.workflows.real_cases import HOUSEHOLDS

REPOSITORY = Path(__file__).resolve().parent.parent


class Together(LoadScopeScheduling):
    """Hands out groups of tests, those of many tests first, and the others one by one.

    Marks ``xdist_group`` would say the same, but pytest 9.2 no longer reads what pytest-xdist 3.8 makes of them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the group of a test; its own name, where it shares nothing."""
    path, _, test = nodeid.partition("::")
    for case in HOUSEHOLDS:
        if f"[{case}" in test:
            return case
    # The largest group: others compile meanwhile what all use, and not each for itself.
    if path.startswith("tests/db/"):
        return "tests/db"
    return path if _shares(path) else nodeid


@cache
def _shares(path: str) -> bool:
    """Return whether a module makes something once for all its tests."""
    return 'scope="module"' in (REPOSITORY / path).read_text(encoding="utf-8")
