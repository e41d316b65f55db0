"""Fixtures that every kind of test shares."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """Return the folder of real cases beside the checkout; skip, and say so, where it is absent."""
    folder = REPOSITORY.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("the real cases are not beside this checkout")
    return folder
