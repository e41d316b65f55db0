"""Opening hours: what people write about them, and whether a place is open at some time."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

DAY_MIN = 24 * 60
HALF_DAYS = {
    "上午": (6 * 60, 12 * 60),
    "中午": (11 * 60, 14 * 60),
    "下午": (12 * 60, 18 * 60),
    "晚上": (18 * 60, 24 * 60),
}
"""What a part of the day means that is written without a clock [minutes from midnight]."""
NOON_MIN = 12 * 60
SMALL_HOURS_MIN = 5 * 60
"""Before this 中午1点 is an hour after noon and 晚上1点 one after midnight."""
WEEKEND_DAYS = 2
SATURDAY = 5

_DAYS = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))
_OSM_DAYS = {day: number for number, day in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))}
_EVERY_DAY = frozenset(range(7))
_WORDS = {
    "每日": _EVERY_DAY,
    "每天": _EVERY_DAY,
    "天天": _EVERY_DAY,
    "全年无休": _EVERY_DAY,
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
            rf"(?P<span>(?:(?P<from_half>{_HALF})[\s:]*)?{_CLOCK}-(?P<to_half>{_HALF})?{_CLOCK})",
            rf"(?P<half>{_HALF})",
            rf"(?P<week>{_WEEK}[一二三四五六日天](?:-{_WEEK}?[一二三四五六日天])?(?:,{_WEEK}?[一二三四五六日天](?:-{_WEEK}?[一二三四五六日天])?)*)",
            rf"(?P<osm>{_OSM}(?:-{_OSM})?(?:,{_OSM}(?:-{_OSM})?)*)",
            r"(?P<month>每月\d{1,2}[日号]?(?:,\d{1,2}[日号]?)*)",
            rf"(?P<word>{'|'.join(_WORDS)})",
            r"(?P<workdays>(?:法定)?工作日)",
            r"(?P<holiday>ph|(?:法定)?节假日)",
            r"(?P<closed>off|closed|除外|休息|闭馆|不开放|关闭)",
            r"(?P<nothing>[\s,.:()和及]|开放|营业)",
        )
    )
)

Holidays = Callable[[date], bool]
"""Tells whether a day is a public holiday; the state announces them year by year, see holidays.py."""


@dataclass(frozen=True)
class Rule:
    """When a place is open on some days, or closed in spite of the rules before.

    Parameters
    ----------
    weekdays
        0 (Monday) … 6 to which it applies.
    month_days
        Days of the month to which it applies; None: all.
    holidays
        True: it applies to public holidays instead.
    workdays
        True: it applies to the days on which offices work instead: Monday to Friday without public holidays, and the
        weekends that are worked for them.
    spans
        Minutes from midnight, first inclusive, last exclusive, which may lie on the next day; none: closed.
    closes
        True: the place is closed then, and the rest of the day is as the rules before tell.
    """

    weekdays: frozenset[int] = _EVERY_DAY
    month_days: frozenset[int] | None = None
    holidays: bool = False
    workdays: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    closes: bool = False

    @property
    def opens(self) -> bool:
        """Return whether the place is open at any time by this rule."""
        return bool(self.spans) and not self.closes

    def applies(self, day: date, *, weekday: int, holiday: bool, working: bool) -> bool:
        """Return whether the rule tells about a day that counts as some day of the week, 0 (Monday) … 6."""
        if self.holidays:
            return holiday
        if self.workdays:
            return working
        return weekday in self.weekdays and (self.month_days is None or day.day in self.month_days)


@dataclass(frozen=True)
class OpeningHours:
    """When a place is open: of the rules that apply to a time the last counts; none: closed."""

    rules: tuple[Rule, ...]

    def is_open(self, at: datetime, holidays: Holidays | None = None) -> bool | None:
        """Return whether the place is open at a time.

        Parameters
        ----------
        at
            Local time.
        holidays
            Public holidays; None: not known, and where rules name them and they decide the answer is None.
        """
        known = holidays is not None
        answers = {self._is_open(at, calendar, known=known) for calendar in _possible(at.date(), holidays)}
        return answers.pop() if len(answers) == 1 else None

    def _is_open(self, at: datetime, holidays: Holidays, *, known: bool) -> bool:
        minute = at.hour * 60 + at.minute
        yesterday = at.date() - timedelta(days=1)
        return self._open_on(at.date(), minute, holidays, known=known) or self._open_on(
            yesterday, minute + DAY_MIN, holidays, known=known
        )

    def _open_on(self, day: date, minute: int, holidays: Holidays, *, known: bool) -> bool:
        holiday = holidays(day)
        spans = self.spans_on(day, holiday=holiday, working=False if known and holiday else None)
        return any(first <= minute < last for first, last in spans)

    def spans_on(
        self, day: date, *, holiday: bool = False, weekday: int | None = None, working: bool | None = None
    ) -> tuple[tuple[int, int], ...]:
        """Return when the place is open by the rules of one day.

        Parameters
        ----------
        day
            The day.
        holiday
            It is a public holiday.
        weekday
            The day of the week that it counts as, 0 (Monday) … 6; None: the one it is.
        working
            Offices work on it; None: as on every Monday to Friday.

        Returns
        -------
        tuple of (int, int)
            Minutes from its midnight, first inclusive, last exclusive, which may lie on the next day; in order, apart.
        """
        counted = day.weekday() if weekday is None else weekday
        works = counted < SATURDAY if working is None else working
        spans: list[tuple[int, int]] = []
        for rule in self.rules:
            if rule.applies(day, weekday=counted, holiday=holiday, working=works):
                spans = _without(spans, rule.spans) if rule.closes else sorted(rule.spans)
        return tuple(spans)


def _without(spans: list[tuple[int, int]], closed: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Return what of some spans is left outside others."""
    for shut, opens in closed:
        pieces = [piece for first, last in spans for piece in ((first, min(last, shut)), (max(first, opens), last))]
        spans = [(first, last) for first, last in pieces if first < last]
    return spans


def _possible(day: date, holidays: Holidays | None) -> list[Holidays]:
    """Return the calendars that have to be thought of: the one known, or all for a day and the day before."""
    if holidays is not None:
        return [holidays]
    yesterday = day - timedelta(days=1)
    choices: tuple[frozenset[date], ...] = (frozenset(), frozenset((day,)), frozenset((yesterday,)))
    return [chosen.__contains__ for chosen in (*choices, frozenset((day, yesterday)))]


@dataclass
class _Draft:
    """What is said of some days while it is being read: when a place is open, and then closed all the same."""

    weekdays: set[int] = field(default_factory=set)
    workdays: bool = False
    month_days: set[int] = field(default_factory=set)
    holidays: bool = False
    opens: list[tuple[int, int]] = field(default_factory=list)
    closes: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False
    last_half: str | None = None
    """The part of the day that was read last, where it had no clocks."""

    @property
    def is_complete(self) -> bool:
        return bool(self.opens or self.closes) or self.closed

    @property
    def names_days(self) -> bool:
        return bool(self.weekdays or self.workdays or self.month_days or self.holidays)


@lru_cache(4096)
def parse_hours(text: str | None) -> OpeningHours | None:
    """Return opening hours as written in Chinese data or in OpenStreetMap; None: they cannot be understood.

    Understood are days (``周一至周五``, ``周一、三、五``, ``每日``, ``工作日``, ``每月15日、30日``, ``Mo-Fr``, ``PH``),
    clocks (``8:00-12:00,14:00-17:30``, ``上午8点半-11点``, ``22:00-06:00``), parts of the day (`HALF_DAYS`), ``全天``,
    ``24/7``, ``off``, ``节假日除外``, ``下午休息``; several rules one after the other, in brackets or separated by
    semicolons. What can be read in two ways is not understood: a wrong answer is worse than none.
    """
    if text is None or not text.strip():
        return None
    rules: list[Rule] = []
    for part in re.split(r"[;\n]", _plain(text)):
        drafts = _read(part)
        if drafts is None or not all(_add(rules, draft) for draft in drafts):
            return None
    # Who only tells when a place is closed says nothing of the other times, unless it is always closed.
    return _over_midnight(rules) if rules == [Rule()] or any(rule.opens for rule in rules) else None


def _over_midnight(rules: list[Rule]) -> OpeningHours | None:
    """Return hours in which what is closed is so whatever day it was opened on; None: it is not clear which days."""
    opened = max((last for rule in rules if rule.opens for _, last in rule.spans), default=0)
    told: list[Rule] = []
    for rule in rules:
        told.append(rule)
        after = tuple((0, last - DAY_MIN) for _, last in rule.spans if last > DAY_MIN)
        before = tuple((first + DAY_MIN, last + DAY_MIN) for first, last in rule.spans if first + DAY_MIN < opened)
        for days, spans in ((1, after), (-1, before)):
            if rule.closes and spans:
                if rule.month_days is not None or rule.holidays or rule.workdays:
                    return None
                told.append(replace(rule, weekdays=frozenset((day + days) % 7 for day in rule.weekdays), spans=spans))
    return OpeningHours(tuple(told))


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
    ):
        plain = plain.replace(before, after)
    plain = re.sub(r"\s*[-‐‑‒–—―−]+\s*", "-", plain)
    plain = re.sub(r"每(?=周|星期|礼拜)", "", plain)
    plain = re.sub(r"(?<!\d)(?:7\s*[x×*]\s*)?24小时", "全天", plain)
    plain = re.sub(r"(\d{1,2})[点时]半", r"\1:30", plain)
    plain = re.sub(r"(\d{1,2})[点时](\d{1,2})分?", lambda m: f"{m[1]}:{m[2]:0>2}", plain)
    plain = re.sub(r"(\d{1,2})[点时]", r"\1:00", plain)
    # Days that are excepted in brackets are excepted from all that is said around them.
    return re.sub(r"\(([^()\d]*(?:除外|休息|闭馆)[^()\d]*)\)([^;\n]*)", _behind, plain)


def _behind(brackets: re.Match[str]) -> str:
    """Return what stands behind brackets, then what they say; where they name a part of the day they stay."""
    inside, rest = brackets.groups()
    return brackets[0] if re.search(_HALF, inside) else f" {rest};{inside}"


def _read(part: str) -> list[_Draft] | None:
    """Return what a part of the text says; None: there is something in it that is not understood."""
    drafts, draft, place = [], _Draft(), 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None:
            return None
        place = token.end()
        if token.lastgroup is None or token["nothing"]:
            continue
        if (
            token["week"] or token["osm"] or token["month"] or token["word"] or token["workdays"] or token["holiday"]
        ) and draft.is_complete:
            drafts.append(draft)
            draft = _Draft()
        if not _take(draft, token):
            return None
        if token["closed"]:
            drafts.append(draft)
            draft = _Draft()
    if draft.is_complete:
        drafts.append(draft)
    elif draft.names_days:
        # The days may stand behind the clocks, where it is clear whose they are.
        if len(drafts) != 1 or drafts[0].names_days or not drafts[0].opens:
            return None
        draft.opens, draft.closes = drafts[0].opens, drafts[0].closes
        return [draft]
    return None if _may_be_of_clocks_before(drafts) else drafts


def _may_be_of_clocks_before(drafts: list[_Draft]) -> bool:
    """Return whether days stand between two rules and may belong to the first: 8:00-17:00 周一至周五，周六休息."""
    if not drafts or drafts[0].names_days or not drafts[0].opens:
        return False
    return any(draft.workdays or len(draft.weekdays) > WEEKEND_DAYS for draft in drafts[1:])


def _take(draft: _Draft, token: re.Match[str]) -> bool:
    """Add what a token says to what was read; return whether it makes sense."""
    if token["always"]:
        draft.opens.append((0, DAY_MIN))
        draft.last_half = None
    elif token["span"]:
        span = _span(token)
        if span is None:
            return False
        draft.opens.append(span)
        draft.last_half = None
    elif token["half"]:
        draft.opens.append(HALF_DAYS[token["half"]])
        draft.last_half = token["half"]
    elif token["week"] or token["osm"]:
        draft.weekdays |= _weekdays(token["week"] or token["osm"])
    elif token["word"]:
        draft.weekdays |= _WORDS[token["word"]]
    elif token["workdays"]:
        draft.workdays = True
    elif token["month"]:
        draft.month_days |= {int(number) for number in re.findall(r"\d+", token["month"])}
        return all(1 <= number <= 31 for number in draft.month_days)  # noqa: PLR2004 days of a month
    elif token["holiday"]:
        draft.holidays = True
    else:
        return _close(draft, whole_rule=token["closed"] in {"off", "closed"})
    return True


def _close(draft: _Draft, *, whole_rule: bool) -> bool:
    """Take for closed what was read last, or all of it; return whether it is clear what is closed."""
    if not draft.opens:
        draft.closed = True
    elif whole_rule or len(draft.opens) == 1:
        draft.opens, draft.closes = [], draft.opens
    else:
        last = draft.opens.pop()
        draft.closes = [last]
        return draft.last_half is not None or _overlap([*draft.opens, last])
    return True


def _overlap(spans: list[tuple[int, int]]) -> bool:
    """Return whether any two spans have a minute in common."""
    ordered = sorted(spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ordered))


def _add(rules: list[Rule], draft: _Draft) -> bool:
    """Add what was read to the rules, in place; return whether it makes sense."""
    if (draft.weekdays or draft.workdays) and draft.month_days:
        return False
    if draft.opens and not _add_opening(rules, draft):
        return False
    if draft.closed:
        if not draft.names_days and rules:
            return False
        rules += _rules(draft, ())
    if not draft.closes:
        return True
    if draft.last_half == "中午":
        # How long a rest at noon takes is not told: the clocks must leave room for it.
        first, last = HALF_DAYS["中午"]
        return not any(rule.opens and any(a <= first and last <= b for a, b in rule.spans) for rule in rules)
    rules += [replace(rule, closes=True) for rule in _rules(draft, tuple(draft.closes))]
    return True


def _add_opening(rules: list[Rule], draft: _Draft) -> bool:
    """Add when a place is open; clocks without days go on with the days before them."""
    spans = list(dict.fromkeys(draft.opens))
    if _overlap(spans):
        return False
    if draft.names_days or not rules:
        rules += _rules(draft, tuple(spans))
        return True
    place = max((number for number, rule in enumerate(rules) if rule.opens), default=None)
    if place is None:
        # Only exceptions were told: of days, or of holidays; of both it may be the holidays among some days.
        if Rule() in rules or len({rule.holidays for rule in rules}) > 1:
            return False
        rules.insert(0, Rule(spans=tuple(spans)))
        return True
    before = rules[place]
    if before.holidays or _overlap([*before.spans, *spans]):
        return False
    rules[place] = replace(before, spans=(*before.spans, *spans))
    return True


def _rules(draft: _Draft, spans: tuple[tuple[int, int], ...]) -> list[Rule]:
    """Return the rules for the days that were read: working days, days of the week or month, holidays."""
    found = []
    if draft.workdays:
        found.append(Rule(workdays=True, spans=spans))
    if draft.weekdays or draft.month_days or not (draft.holidays or draft.workdays):
        found.append(Rule(frozenset(draft.weekdays) or _EVERY_DAY, frozenset(draft.month_days) or None, spans=spans))
    if draft.holidays:
        found.append(Rule(holidays=True, spans=spans))
    return found


def _span(token: re.Match[str]) -> tuple[int, int] | None:
    """Return the minutes of a token's clocks; the last is on the next day where it is not after the first."""
    clocks = [int(number) for number in re.findall(r"\d+", token["span"])]
    if clocks[1] >= 60 or clocks[3] >= 60:  # noqa: PLR2004 minutes of an hour
        return None
    from_half, to_half = token["from_half"], token["to_half"]
    first = _on_clock(from_half, clocks[0] * 60 + clocks[1])
    plain_last = clocks[2] * 60 + clocks[3]
    last = _on_clock(to_half or from_half, plain_last)
    if to_half is None and from_half == "晚上" and last <= first:
        last = plain_last
    if first >= DAY_MIN or last > DAY_MIN or (from_half == "晚上" and first < SMALL_HOURS_MIN):
        return None
    if last > first:
        return first, last
    # Over midnight goes what says so: the evening, or clocks of 24 hours.
    return (first, last + DAY_MIN) if to_half or from_half in {None, "晚上"} else None


def _on_clock(half: str | None, minute: int) -> int:
    """Return the minute from midnight that a clock of 12 or 24 hours shows in a part of the day."""
    if half == "晚上":
        if minute == NOON_MIN:
            return DAY_MIN
        return minute + NOON_MIN if SMALL_HOURS_MIN <= minute < NOON_MIN else minute
    afternoon = (half == "下午" and minute < NOON_MIN) or (half == "中午" and minute < SMALL_HOURS_MIN)
    return minute + NOON_MIN if afternoon else minute


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
