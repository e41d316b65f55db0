"""The public holidays of China and the weekends worked for them, as the state announces them year by year."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import chinese_calendar

from gis_service.errors import Text
from gis_service.reach.opening_hours import SATURDAY

_NEW_YEAR, _LABOUR, _NATIONAL = (
    Text(holiday.chinese, holiday.value)
    for holiday in (
        chinese_calendar.Holiday.new_years_day,
        chinese_calendar.Holiday.labour_day,
        chinese_calendar.Holiday.national_day,
    )
)
_BY_LAW = {
    (1, 1): _NEW_YEAR,
    (5, 1): _LABOUR,
    (5, 2): _LABOUR,
    (10, 1): _NATIONAL,
    (10, 2): _NATIONAL,
    (10, 3): _NATIONAL,
}
"""Public holidays by month and day that are the same every year and need no notice."""


class DayKind(StrEnum):
    """What the state says of a day: nothing, that it is a holiday, or that it is worked though it is a weekend."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MADE_UP = "made_up"
    UNANNOUNCED = "unannounced"


@dataclass(frozen=True)
class Announced:
    """A day as announced.

    Parameters
    ----------
    kind
        What the state says; unannounced: its year is not known here and no law names the day, so it may be anything.
    name
        Name of the holiday, also of the one a weekend is worked for; None: there is none.
    """

    kind: DayKind
    name: Text | None


@lru_cache(1024)
def announced(day: date) -> Announced:
    """Return what the State Council announced of a day.

    Notes
    -----
    The days are those of chinesecalendar, which follows the yearly notices of the State Council's General Office. In
    years that it does not know, 1 January, 1 and 2 May and 1 to 3 October are holidays all the same: the decree on
    holidays (全国年节及纪念日放假办法, as of 2025) names them. The others follow the moon or the sun.
    """
    try:
        free, english = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        name = _BY_LAW.get((day.month, day.day))
        return Announced(DayKind.UNANNOUNCED if name is None else DayKind.HOLIDAY, name)
    name = None if english is None else Text(chinese_calendar.Holiday(english).chinese, english)
    if free:
        return Announced(DayKind.ORDINARY if name is None else DayKind.HOLIDAY, name)
    return Announced(DayKind.MADE_UP if day.weekday() >= SATURDAY else DayKind.ORDINARY, name)
