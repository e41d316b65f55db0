"""Figures as people write them."""

from typing import Any

import pytest

from gis_service.workflows.measures import Unit, written


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (12345, "count", "12,345"),
        (None, "count", "—"),
        (float("nan"), "area", "—"),
        (0.6764, "share", "67.6%"),
        (1.0, "share", "100.0%"),
        (0.0, "share", "0.0%"),
        (0.99951, "share", ">99.9%"),  # one household short of all is not all
        (0.0004, "share", "<0.1%"),
        (0.9994, "share", "99.9%"),
        (0.0005, "share", "0.1%"),
        (35.04, "area", "35.0"),
    ],
)
def test_figures_are_written_as_people_read_them(value: Any, unit: Unit, words: str) -> None:
    assert written(value, unit) == words
