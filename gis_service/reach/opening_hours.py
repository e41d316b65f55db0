"""Opening hours: what people write about them, and whether a place is open at some time."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

DAY_MIN = 24 * 60
HALF_DAYS = {"上午": (6 * 60, 12 * 60), "下午": (12 * 60, 18 * 60), "晚上": (18 * 60, 24 * 60)}
"""What a part of the day means that is written without a clock [minutes from midnight]."""
NOON_MIN = 12 * 60

_DAYS = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))
_OSM_DAYS = {day: number for number, day in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))}
_EVERY_DAY = frozenset(range(7))
_WORDS = {
    "每日": _EVERY_DAY,
    "每天": _EVERY_DAY,
    "天天": _EVERY_DAY,
    "工作日": frozenset(range(5)),
    "周末": frozenset((5, 6)),
    "双休日": frozenset((5, 6)),
}
_WEEK = r"(?:周|星期|礼拜)"
_OSM = "(?:mo|tu|we|th|fr|sa|su)"
_CLOCK = r"(\d{1,2}):(\d{2})"
_HALF = "|".join(HALF_DAYS)
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<always>24/7|24小时|全天)",
            rf"(?P<span>(?P<from_half>{_HALF})?{_CLOCK}-(?P<to_half>{_HALF})?{_CLOCK})",
            rf"(?P<half>{_HALF})",
            rf"(?P<week>{_WEEK}[一二三四五六日天](?:-{_WEEK}?[一二三四五六日天])?(?:,{_WEEK}?[一二三四五六日天](?:-{_WEEK}?[一二三四五六日天])?)*)",
            rf"(?P<osm>{_OSM}(?:-{_OSM})?(?:,{_OSM}(?:-{_OSM})?)*)",
            r"(?P<month>每月\d{1,2}[日号]?(?:,\d{1,2}[日号]?)*)",
            rf"(?P<word>{'|'.join(_WORDS)})",
            r"(?P<holiday>ph|(?:法定)?节假日)",
            r"(?P<closed>off|closed|除外|休息|不开放|关闭)",
            r"(?P<nothing>[\s,.:和及]|开放|营业)",
        )
    )
)

Holidays = Callable[[date], bool]
"""Tells whether a day is a public holiday; the state announces them year by year, so none are known here."""


@dataclass(frozen=True)
class Rule:
    """When a place is open on some days.

    Parameters
    ----------
    weekdays
        0 (Monday) … 6 to which it applies.
    month_days
        Days of the month to which it applies; None: all.
    holidays
        True: it applies to public holidays instead.
    spans
        Minutes from midnight, first inclusive, last exclusive, which may lie on the next day; none: closed.
    """

    weekdays: frozenset[int] = _EVERY_DAY
    month_days: frozenset[int] | None = None
    holidays: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    def applies(self, day: date, *, holiday: bool) -> bool:
        """Return whether the rule tells about a day."""
        if self.holidays:
            return holiday
        return day.weekday() in self.weekdays and (self.month_days is None or day.day in self.month_days)


@dataclass(frozen=True)
class OpeningHours:
    """When a place is open: of the rules that apply to a day the last counts; none: closed."""

    rules: tuple[Rule, ...]

    def is_open(self, at: datetime, holidays: Holidays | None = None) -> bool | None:
        """Return whether the place is open at a time.

        Parameters
        ----------
        at
            Local time.
        holidays
            Public holidays; None: not known, and where they decide the answer is None.
        """
        answers = {self._is_open(at, calendar) for calendar in _possible(at.date(), holidays)}
        return answers.pop() if len(answers) == 1 else None

    def _is_open(self, at: datetime, holidays: Holidays) -> bool:
        minute = at.hour * 60 + at.minute
        yesterday = at.date() - timedelta(days=1)
        return self._open_on(at.date(), minute, holidays) or self._open_on(yesterday, minute + DAY_MIN, holidays)

    def _open_on(self, day: date, minute: int, holidays: Holidays) -> bool:
        spans: tuple[tuple[int, int], ...] = ()
        for rule in self.rules:
            if rule.applies(day, holiday=holidays(day)):
                spans = rule.spans
        return any(first <= minute < last for first, last in spans)


def _possible(day: date, holidays: Holidays | None) -> list[Holidays]:
    """Return the calendars that have to be thought of: the one known, or all for a day and the day before."""
    if holidays is not None:
        return [holidays]
    yesterday = day - timedelta(days=1)
    choices: tuple[frozenset[date], ...] = (frozenset(), frozenset((day,)), frozenset((yesterday,)))
    return [chosen.__contains__ for chosen in (*choices, frozenset((day, yesterday)))]


@dataclass
class _Draft:
    """A rule while it is being read."""

    weekdays: set[int] = field(default_factory=set)
    month_days: set[int] = field(default_factory=set)
    holidays: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False

    @property
    def is_complete(self) -> bool:
        return bool(self.spans) or self.closed

    @property
    def names_days(self) -> bool:
        return bool(self.weekdays or self.month_days or self.holidays)


@lru_cache(4096)
def parse_hours(text: str | None) -> OpeningHours | None:
    """Return opening hours as written in Chinese data or in OpenStreetMap; None: they cannot be understood.

    Understood are days (``周一至周五``, ``周一、三、五``, ``每日``, ``工作日``, ``每月15日、30日``, ``Mo-Fr``, ``PH``),
    clocks (``8:00-12:00,14:00-17:30``, ``上午8点半-11点``, ``22:00-06:00``), parts of the day (`HALF_DAYS`), ``全天``,
    ``24/7``, ``off``, ``节假日除外``; several rules one after the other or separated by semicolons.
    """
    if text is None or not text.strip():
        return None
    rules: list[Rule] = []
    for part in re.split(r"[;\n]", _plain(text)):
        drafts = _read(part)
        if drafts is None:
            return None
        for draft in drafts:
            # Clocks without days go on with the days before them.
            if not draft.names_days and rules and not rules[-1].holidays:
                rules[-1] = Rule(rules[-1].weekdays, rules[-1].month_days, spans=(*rules[-1].spans, *draft.spans))
            else:
                rules.append(_rule(draft))
    return OpeningHours(tuple(rules)) if rules else None


def open_at(text: str | None, at: datetime, holidays: Holidays | None = None) -> bool | None:
    """Return whether a place with such opening hours is open; None: they cannot be understood, or holidays decide."""
    hours = parse_hours(text)
    return None if hours is None else hours.is_open(at, holidays)


def _plain(text: str) -> str:
    """Return a text with one way of writing for what can be written in several."""
    plain = unicodedata.normalize("NFKC", text).lower()
    for before, after in (
        ("至", "-"),
        ("到", "-"),
        ("~", "-"),
        ("、", ","),
        ("。", ";"),
        ("早上", "上午"),
        ("中午", "下午"),
    ):
        plain = plain.replace(before, after)
    plain = re.sub(r"\s*[-‐‑‒–—―−]+\s*", "-", plain)
    plain = re.sub(r"(?<!\d)24小时", "全天", plain)
    plain = re.sub(r"(\d{1,2})[点时]半", r"\1:30", plain)
    plain = re.sub(r"(\d{1,2})[点时](\d{1,2})分?", lambda m: f"{m[1]}:{m[2]:0>2}", plain)
    return re.sub(r"(\d{1,2})[点时]", r"\1:00", plain)


def _read(part: str) -> list[_Draft] | None:
    """Return the rules of a part of the text; None: there is something in it that is not understood."""
    drafts, draft, place = [], _Draft(), 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None:
            return None
        place = token.end()
        if token.lastgroup is None or token["nothing"]:
            continue
        if (token["week"] or token["osm"] or token["month"] or token["word"] or token["holiday"]) and draft.is_complete:
            drafts.append(draft)
            draft = _Draft()
        if not _take(draft, token):
            return None
    if draft.is_complete:
        drafts.append(draft)
    elif draft.names_days:
        return None
    return drafts


def _take(draft: _Draft, token: re.Match[str]) -> bool:
    """Add what a token says to a rule; return whether it makes sense."""
    if token["always"]:
        draft.spans.append((0, DAY_MIN))
    elif token["span"]:
        span = _span(token)
        if span is None:
            return False
        draft.spans.append(span)
    elif token["half"]:
        draft.spans.append(HALF_DAYS[token["half"]])
    elif token["week"] or token["osm"]:
        draft.weekdays |= _weekdays(token["week"] or token["osm"])
    elif token["word"]:
        draft.weekdays |= _WORDS[token["word"]]
    elif token["month"]:
        draft.month_days |= {int(number) for number in re.findall(r"\d+", token["month"])}
        return all(1 <= number <= 31 for number in draft.month_days)  # noqa: PLR2004 days of a month
    elif token["holiday"]:
        draft.holidays = True
    else:
        draft.closed = True
    return True


def _span(token: re.Match[str]) -> tuple[int, int] | None:
    """Return the minutes of a token's clocks; the last is on the next day where it is not after the first."""
    clocks = [int(number) for number in re.findall(r"\d+", token["span"])]
    if clocks[1] >= 60 or clocks[3] >= 60:  # noqa: PLR2004 minutes of an hour
        return None
    first, last = clocks[0] * 60 + clocks[1], clocks[2] * 60 + clocks[3]
    if token["from_half"] in {"下午", "晚上"} and first < NOON_MIN:
        first += NOON_MIN
    if (token["to_half"] or token["from_half"]) in {"下午", "晚上"} and last < NOON_MIN:
        last += NOON_MIN
    if first >= DAY_MIN or last > DAY_MIN:
        return None
    return first, last if last > first else last + DAY_MIN


def _weekdays(text: str) -> set[int]:
    """Return the days of a list of days and ranges of days; a range may run over the week's end."""
    found: set[int] = set()
    for item in text.split(","):
        ends = [_OSM_DAYS[day] for day in re.findall(_OSM, item)] or [
            _DAYS[day] for day in re.findall("[一二三四五六日天]", item)
        ]
        length = (ends[-1] - ends[0]) % 7
        found |= {(ends[0] + step) % 7 for step in range(length + 1)}
    return found


def _rule(draft: _Draft) -> Rule:
    """Return what was read as a rule."""
    return Rule(
        weekdays=frozenset(draft.weekdays) or _EVERY_DAY,
        month_days=frozenset(draft.month_days) or None,
        holidays=draft.holidays and not (draft.weekdays or draft.month_days),
        spans=() if draft.closed else tuple(draft.spans),
    )
