"""Moments that people ask about: a day and a time of it, by the local clock."""

from contextlib import suppress
from datetime import date, datetime

from gis_service.exports.about import BEIJING


def office_today() -> date:
    """Return the day it is in the office, whatever zone the machine's clock is set to."""
    return datetime.now(BEIJING).date()


def office_minute(moment: datetime) -> str:
    """Return a moment to the minute by the office's clock, as pages and papers print it.

    Parameters
    ----------
    moment
        With a zone, whichever: databases hand out UTC.

    Examples
    --------
    >>> from datetime import UTC
    >>> office_minute(datetime(2026, 11, 22, 16, 5, tzinfo=UTC))
    '2026-11-23 00:05'
    """
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def read_moment(text: str) -> datetime | None:
    """Return a local time in ISO 8601, such as ``2026-11-22T09:30``.

    A day without a time is none: taken for midnight it would find every door closed.

    Returns
    -------
    datetime or None
        Without a zone; None: the text is no such time, or names a zone, or a day before which there is none.
    """
    with suppress(ValueError):
        date.fromisoformat(text)
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is not None or moment.date() == date.min else moment
