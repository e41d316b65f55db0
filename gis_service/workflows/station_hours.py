"""Whether a facility is open now, until when, and when it opens next; public holidays are known as far as announced."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from gis_service.errors import Text
from gis_service.reach.holidays import DayKind, announced
from gis_service.reach.opening_hours import HALF_DAYS, OpeningHours, parse_hours

DAYS_AHEAD = 62
"""How far one looks for the next opening: 每月31日 may be two months away."""
ALWAYS = timedelta(days=7)
"""Who is open for longer than this is called always open."""
MONDAY, SUNDAY = 0, 6
_CLOCK = re.compile(r"\d\s*[:：点时]|\d\s*[-–—~至到]\s*\d")
"""A time of day or a range of figures, which may be one."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Opening:
    """What can be said of a facility at a moment.

    Parameters
    ----------
    status
        open; closed; unsure: the day is a public holiday, or a weekend worked for one, and the hours do not tell
        whether they hold then; unknown: the hours are not known or cannot be understood.
    until
        When it closes; None: it is not open, or open for more than `ALWAYS`.
    opens
        When it opens next, a moment that does not depend on holidays; None: it is open, or nobody knows.
    day
        The holiday that makes the answer unsure; None: there is none.
    made_up
        The day is a weekend worked for that holiday.
    part
        The part of the day in which it is open, or opens next, where the hours tell no clock; None: they do.
    """

    status: Literal["open", "closed", "unsure", "unknown"]
    until: datetime | None = None
    opens: datetime | None = None
    day: Text | None = None
    made_up: bool = False
    part: str | None = None


@lru_cache(4096)
def opening_at(hours: str | None, at: datetime) -> Opening:
    """Return what can be said of a facility with such opening hours at a local time.

    On a public holiday, and on a weekend worked for one, the hours are read twice: as they are written, and as if the
    day were a Sunday, or a Monday. Where both agree that is the answer; where they do not it is unsure.
    """
    rules = parse_hours(hours)
    if rules is None:
        return Opening("unknown")
    now = at.replace(second=0, microsecond=0)
    written, otherwise = (_spans(rules, now, as_announced=announced_too) for announced_too in (False, True))
    closing = [_end(spans, now) for spans in (written, otherwise)]
    if None in closing and closing != [None, None]:
        today, yesterday = announced(now.date()), announced(now.date() - timedelta(days=1))
        cause = today if today.kind in {DayKind.HOLIDAY, DayKind.MADE_UP} else yesterday
        made_up = cause.kind is DayKind.MADE_UP
        return Opening("unsure", opens=_next(written, otherwise, now), day=cause.name, made_up=made_up)
    ends = [end for end in closing if end is not None]
    if ends:
        until = min(ends)
        always = until - now >= ALWAYS
        return Opening("open", until=None if always else until, part=_part(hours or "", now))
    opens = _next(written, otherwise, now)
    return Opening("closed", opens=opens, part=None if opens is None else _part(hours or "", opens))


def _part(hours: str, moment: datetime) -> str | None:
    """Return the part of the day, as it stands in hours that tell no clock, in which a moment lies."""
    plain, minute = hours.replace("早上", "上午"), 60 * moment.hour + moment.minute
    if _CLOCK.search(plain):
        return None
    return next((word for word, (first, last) in HALF_DAYS.items() if word in plain and first <= minute < last), None)


@lru_cache(4096)
def is_open(hours: str | None, at: datetime) -> bool | None:
    """Return whether a facility with such opening hours is open at a local time; None: unknown or unsure.

    Where holidays are not announced yet and the hours name them, the answer is None if they decide.
    """
    rules = parse_hours(hours)
    if rules is None:
        return None
    if any(announced(at.date() - timedelta(days=ago)).kind is DayKind.UNANNOUNCED for ago in (0, 1)):
        return rules.is_open(at)
    answers = {_end(_spans(rules, at, as_announced=each, days=1), at) is not None for each in (False, True)}
    return answers.pop() if len(answers) == 1 else None


def _spans(rules: OpeningHours, now: datetime, *, as_announced: bool, days: int = DAYS_AHEAD) -> list[Span]:
    """Return when a place is open from yesterday on, in order, spans that touch made one."""
    found: list[Span] = []
    for ahead in range(-1, days):
        for first, last in _day_spans(rules, now.date() + timedelta(days=ahead), as_announced=as_announced):
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], last))
            else:
                found.append((first, last))
    return found


def _day_spans(rules: OpeningHours, day: date, *, as_announced: bool) -> Iterator[Span]:
    kind = announced(day).kind
    holiday, made_up = kind is DayKind.HOLIDAY, kind is DayKind.MADE_UP
    weekday = SUNDAY if holiday else MONDAY if made_up else None
    spans = rules.spans_on(
        day,
        holiday=holiday,
        weekday=weekday if as_announced else None,
        working=False if holiday else True if made_up else None,
    )
    midnight = datetime.combine(day, time())
    for first, last in spans:
        yield midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)


def _end(spans: list[Span], now: datetime) -> datetime | None:
    """Return when a place that is open now closes; None: it is not open."""
    return next((last for first, last in spans if first <= now < last), None)


def _next(written: list[Span], otherwise: list[Span], now: datetime) -> datetime | None:
    """Return the next opening by both ways of reading the hours."""
    starts = (first for first, _ in written if first > now)
    return next((start for start in starts if any(first <= start < last for first, last in otherwise)), None)


def opening_words(opening: Opening, at: datetime, *, has_phone: bool) -> Text:
    """Return an opening in a short sentence: ``开放中，17:30 关门``; who has no telephone cannot be called first."""
    match opening.status:
        case "unknown":
            return _call_first(Text("开放时间不详", "hours not known"), has_phone=has_phone)
        case "unsure":
            said = _unsure(opening.day or Text("节假日", "holiday"), made_up=opening.made_up)
            return _call_first(said, has_phone=has_phone)
        case "open" if opening.part is not None:
            return Text(f"今天{opening.part}开放", f"open today {_PARTS[opening.part]}")
        case "closed" if opening.opens is not None and opening.part is not None:
            day = _day(opening.opens, at)
            return Text(f"现在不开放，{day.zh}{opening.part}开放", f"closed now, opens {day.en} {_PARTS[opening.part]}")
        case "open":
            when = None if opening.until is None else _when(opening.until, at)
            return Text("全天开放", "always open") if when is None else _said("开放中", "open, closes", when, "关门")
        case "closed":
            when = None if opening.opens is None else _when(opening.opens, at)
            shut = Text("现在不开放", "closed now")
            return shut if when is None else _said(shut.zh, f"{shut.en}, opens", when, "开门")


def _said(zh: str, en: str, when: Text, then: str) -> Text:
    return Text(f"{zh}，{when.zh}{then}", f"{en} {when.en}")


def _unsure(day: Text, *, made_up: bool) -> Text:
    if made_up:
        return Text("今天调休上班，开放时间可能不同", "a weekend worked for a holiday: hours may differ")
    return Text(f"{day.zh}假期，不一定开放", f"{day.en} holiday, perhaps closed")


def _call_first(said: Text, *, has_phone: bool) -> Text:
    return Text(f"{said.zh}，请先打电话", f"{said.en}, please call first") if has_phone else said


_WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
    ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip


_PARTS = {"上午": "in the morning", "中午": "around noon", "下午": "in the afternoon", "晚上": "in the evening"}


def _when(moment: datetime, at: datetime) -> Text:
    """Return a moment as people say it: ``17:30``, ``明天 8:30``, ``周五 9:00``, ``12月15日 6:00``."""
    clock = f"{moment.hour}:{moment.minute:02}"
    days = (moment.date() - at.date()).days
    if days == 1 and moment.time() == time():
        return Text("24:00 ", "at midnight")
    if not days:
        return Text(f"{clock} ", f"at {clock}")
    day = _day(moment, at)
    return Text(f"{day.zh} {clock} ", f"{day.en} at {clock}")


def _day(moment: datetime, at: datetime) -> Text:
    """Return the day of a moment as people say it: ``今天``, ``明天``, ``周五``, ``12月15日``."""
    days = (moment.date() - at.date()).days
    if days <= 1:
        return Text("明天", "tomorrow") if days else Text("今天", "today")
    if days < len(_WEEKDAYS):
        zh, en = _WEEKDAYS[moment.weekday()]
        return Text(zh, f"on {en}")
    return Text(f"{moment.month}月{moment.day}日", f"on {moment:%-d %B}")
