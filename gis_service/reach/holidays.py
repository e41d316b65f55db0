"""The public holidays of China and the weekends worked for them, as the state announces them year by year."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import chinese_calendar

from gis_service.errors import Text
from gis_service.reach.opening_hours import SATURDAY


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
        What the state says; unannounced: its year is not known here, so it may be anything.
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
    The days are those of chinesecalendar, which follows the yearly notices of the State Council's General Office.
    """
    try:
        free, english = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return Announced(DayKind.UNANNOUNCED, None)
    name = None if english is None else Text(chinese_calendar.Holiday(english).chinese, english)
    if free:
        return Announced(DayKind.ORDINARY if name is None else DayKind.HOLIDAY, name)
    return Announced(DayKind.MADE_UP if day.weekday() >= SATURDAY else DayKind.ORDINARY, name)
