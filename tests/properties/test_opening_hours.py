"""Opening hours of every make, read from a text, agree minute by minute with what the text was written from."""

# ruff: noqa: DTZ001 opening hours are local times
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis_service.reach.opening_hours import DAY_MIN, parse_hours

NAMES = "一二三四五六日"
HALVES = {"上午": (360, 720), "下午": (720, 1080), "晚上": (1080, 1440)}
ENDS_OF_MONTHS = [date(2027, 2, 28), date(2028, 2, 29), date(2027, 4, 30), date(2027, 12, 31), date(2028, 1, 30)]


class Said(NamedTuple):
    """A rule: its words, a test for the days it tells of, its minutes, and whether it closes them."""

    words: str
    tells_of: object
    spans: list
    closes: bool


def clock(minute):
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


@st.composite
def days(draw):
    """Draw words for days, and a test whether a day, which is a holiday or not, is one of them."""
    kind = draw(st.sampled_from(["week", "month", "weekend", "every", "workdays", "holidays"]))
    if kind == "week":
        first, last = draw(st.integers(0, 6)), draw(st.integers(0, 6))
        these = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        return f"周{NAMES[first]}至周{NAMES[last]}", lambda day, _: day.weekday() in these
    if kind == "month":
        numbers = draw(st.sets(st.sampled_from([1, 15, 28, 29, 30, 31]), min_size=1, max_size=3))
        return "每月" + "、".join(f"{number}日" for number in sorted(numbers)), lambda day, _: day.day in numbers
    return {
        "weekend": ("周末", lambda day, _: day.weekday() >= 5),
        "every": ("每天", lambda *_: True),
        "workdays": ("工作日", lambda day, holiday: day.weekday() < 5 and not holiday),
        "holidays": ("节假日", lambda _, holiday: holiday),
    }[kind]


@st.composite
def spans(draw):
    """Draw words for parts of a day, and their minutes; the last may run over midnight."""
    kind = draw(st.sampled_from(["clocks", "half", "always"]))
    if kind == "half":
        half = draw(st.sampled_from(sorted(HALVES)))
        return half, [HALVES[half]]
    if kind == "always":
        return "全天", [(0, DAY_MIN)]
    a, b, c, d = sorted(draw(st.sets(st.integers(0, DAY_MIN - 1), min_size=4, max_size=4)))
    found = draw(st.sampled_from([[(a, b)], [(a, b), (c, d)], [(d, a + DAY_MIN)], [(b, c), (d, a + DAY_MIN)]]))
    return "，".join(f"{clock(first)}-{clock(last)}" for first, last in found), found


@st.composite
def rules(draw, *, first):
    """Draw a rule; the first says when the place is open."""
    when, tells_of = draw(days())
    does = "opens" if first else draw(st.sampled_from(["opens", "opens", "off", "closes"]))
    if does == "off":
        return Said(f"{when}休息", tells_of, [], closes=False)
    words, minutes = draw(spans())
    assume(does == "opens" or len(minutes) == 1)
    return Said(f"{when}{words}" + "休息" * (does == "closes"), tells_of, minutes, closes=does == "closes")


def is_open(said, at, holidays):
    """Return whether the place is open: by the last rule that tells of a day, save for what later rules close."""
    minute = at.hour * 60 + at.minute
    both = [(at.date(), minute), (at.date() - timedelta(days=1), minute + DAY_MIN)]

    def covers(rule, day, minute):
        return rule.tells_of(day, day in holidays) and any(first <= minute < last for first, last in rule.spans)

    for day, here in both:
        telling = [i for i, rule in enumerate(said) if not rule.closes and rule.tells_of(day, day in holidays)]
        if telling and covers(said[telling[-1]], day, here):
            later = [rule for rule in said[telling[-1] :] if rule.closes]
            if not any(covers(rule, *which) for rule in later for which in both):
                return True
    return False


@settings(deadline=None, max_examples=150)
@given(
    rules(first=True),
    st.lists(rules(first=False), max_size=3),
    st.sampled_from(ENDS_OF_MONTHS),
    st.sets(st.integers(-1, 3)),
    st.lists(st.integers(0, 3 * DAY_MIN - 1), min_size=1, max_size=30),
)
def test_hours_are_read_as_they_are_meant_at_ends_of_months_on_holidays_and_over_midnight(
    first, others, start, holidays, minutes
):
    said = [first, *others]
    hours = parse_hours("；".join(rule.words for rule in said))
    if hours is None:
        # What closes over midnight on days of the month, holidays or working days may mean either day.
        assert any(rule.closes for rule in said)
        return
    free = {start + timedelta(days=number) for number in holidays}
    for minute in minutes:
        at = datetime(start.year, start.month, start.day) + timedelta(minutes=minute)
        assert hours.is_open(at, free.__contains__) == is_open(said, at, free)
