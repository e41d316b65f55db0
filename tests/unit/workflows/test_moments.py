from datetime import UTC, datetime

import pytest

from gis_service.workflows.moments import office_minute, read_moment


def test_a_moment_is_printed_by_the_offices_clock_whatever_its_zone():
    assert office_minute(datetime(2026, 11, 22, 16, 5, tzinfo=UTC)) == "2026-11-23 00:05"


def test_a_day_and_a_time_are_a_moment():
    assert read_moment("2026-11-22T09:30") == datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 local time
    assert read_moment("2026-11-22 09:30") == datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 local time


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "20261122",
        "2026-W47-7",
        "2026-11-22T09:30+08:00",
        "2026-11-22T25:00",
        "noon",
        "",
        "0001-01-01T09:30",
    ],
)
def test_days_zones_and_other_texts_are_none(text):
    assert read_moment(text) is None
