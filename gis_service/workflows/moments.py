"""Moments that people ask about: a day and a time of it, by the local clock."""

from contextlib import suppress
from datetime import date, datetime

from gis_service.exports.about import BEIJING


def office_today() -> date:
    """Return the day it is in the office, whatever zone the machine's clock is set to."""
    return datetime.now(BEIJING).date()


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
