"""Days off and days worked, as announced."""

from datetime import date

import pytest

from gis_service.reach.holidays import DayKind, announced
from gis_service.reach.opening_hours import parse_hours
from tests.unit.reach.test_opening_hours import at


def open_at(text, at, holidays=None):
    hours = parse_hours(text)
    return None if hours is None else hours.is_open(at, holidays)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 10), DayKind.MADE_UP, "国庆节"),
        (date(2026, 10, 11), DayKind.ORDINARY, None),
        (date(2026, 11, 23), DayKind.ORDINARY, None),
        (date(2031, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2031, 10, 4), DayKind.UNANNOUNCED, None),
        (date(2031, 1, 1), DayKind.HOLIDAY, "元旦"),
        (date(2031, 1, 2), DayKind.UNANNOUNCED, None),
        (date(2031, 5, 2), DayKind.HOLIDAY, "劳动节"),
    ],
)
def test_days_are_as_the_state_announced_them(day: date, kind: DayKind, name: str | None) -> None:
    told = announced(day)
    assert told.kind is kind
    assert (told.name.zh if told.name else None) == name


def test_working_days_are_mondays_to_fridays_until_a_calendar_says_more() -> None:
    monday = date(2026, 11, 23)
    assert open_at("工作日 9:00-17:00", at(1, "10:00")) is True
    assert open_at("工作日 9:00-17:00", at(1, "10:00"), lambda day: day == monday) is False
    assert open_at("工作日 9:00-17:00", at(0, "10:00")) is False


def test_the_spans_of_a_day_are_what_opens_less_what_closes() -> None:
    hours = parse_hours("每日 8:00-18:00；周一 12:00-13:00 休息")
    assert hours is not None
    assert hours.spans_on(date(2026, 11, 23)) == ((480, 720), (780, 1080))
    assert hours.spans_on(date(2026, 11, 24)) == ((480, 1080),)
