# ruff: noqa: DTZ001 opening hours are local times
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.reach.opening_hours import parse_hours

SUNDAY = datetime(2026, 11, 22)
"""Midnight between Saturday and Sunday; Monday is the 23rd."""


def open_at(text, at, holidays=None):
    hours = parse_hours(text)
    return None if hours is None else hours.is_open(at, holidays)


def at(days: int, clock: str) -> datetime:
    """Return a clock so many days after that Sunday."""
    hour, minute = map(int, clock.split(":"))
    return SUNDAY + timedelta(days=days, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("text", "open_times", "closed_times"),
    [
        ("08:30-17:30", [(0, "8:30"), (3, "17:29")], [(0, "8:29"), (0, "17:30")]),
        ("8:30–17:30", [(0, "8:30")], [(0, "18:00")]),
        ("周一至周五 8:30–17:30", [(1, "9:00"), (5, "17:00")], [(0, "9:00"), (6, "9:00")]),
        ("周一至周五 8:00-12:00,14:00-17:30", [(1, "8:00"), (1, "14:00")], [(1, "12:00"), (1, "13:59"), (0, "9:00")]),
        ("周一至周五 8:00–12:00，14:30–17:30", [(2, "15:00")], [(2, "13:00")]),
        ("每日 10:30–12:30,16:30–18:00", [(0, "11:00"), (6, "17:00")], [(0, "13:00")]),
        ("周六、周日 9:00–17:00", [(0, "9:00"), (6, "9:00")], [(1, "9:00")]),
        ("星期一、三、五 9:00-10:00", [(1, "9:30"), (3, "9:30"), (5, "9:30")], [(2, "9:30"), (4, "9:30")]),
        ("每月15日、30日上午", [(8, "9:00")], [(8, "13:00"), (7, "9:00"), (0, "9:00")]),
        ("每周一至周五 8:30-17:30", [(1, "9:00"), (5, "17:00")], [(0, "9:00"), (6, "9:00")]),
        ("每星期三 14:00-17:00", [(3, "14:00")], [(3, "9:00"), (2, "15:00")]),
        ("每周三下午", [(3, "15:00")], [(3, "9:00"), (4, "15:00")]),
        ("法定工作日 8:30-12:00,14:30-17:30", [(1, "15:00")], [(1, "13:00"), (0, "15:00")]),
        ("8:00-20:00 全年无休", [(0, "9:00"), (3, "19:59")], [(0, "20:00")]),
        ("9:00-18:00（周一闭馆）", [(2, "10:00"), (0, "17:59")], [(1, "10:00")]),
        ("周二至周日 9:00-17:00，周一闭馆", [(2, "10:00"), (0, "10:00")], [(1, "10:00")]),
        ("7×24小时", [(0, "3:00")], []),
        ("每月15日上午", [(23, "11:59")], [(8, "9:00")]),
        ("全天", [(0, "0:00"), (4, "23:59")], []),
        ("24小时开放", [(0, "3:00")], []),
        ("24/7", [(0, "3:00")], []),
        ("Mo-Fr 08:00-18:00", [(1, "8:00")], [(0, "8:00")]),
        ("Mo-Fr 08:00-18:00; Sa 09:00-12:00; We off", [(6, "9:00"), (1, "8:00")], [(3, "9:00"), (0, "9:00")]),
        ("Sa-Mo 10:00-12:00", [(6, "10:00"), (0, "10:00"), (1, "10:00")], [(2, "10:00")]),
        ("22:00-02:00", [(0, "23:00"), (0, "1:59")], [(0, "2:00"), (0, "21:59")]),
        ("Su 22:00-02:00", [(0, "23:00"), (1, "1:00")], [(0, "1:00"), (1, "23:00")]),
        ("上午8点半至11点 下午2:30-5:30", [(0, "8:30"), (0, "14:30"), (0, "17:00")], [(0, "11:00"), (0, "2:45")]),
        ("工作日8:00-12:00；14:00-18:00", [(1, "15:00")], [(0, "15:00")]),
        ("中午11:00-13:00", [(0, "11:30")], [(0, "23:30"), (0, "13:00")]),
        ("中午11点半-1点", [(0, "12:30")], [(0, "11:00"), (0, "13:00"), (0, "1:00")]),
        ("上午9点-中午12点", [(0, "11:59")], [(0, "12:00")]),
        ("晚上10点-6点", [(0, "22:00"), (0, "5:59")], [(0, "10:00"), (0, "18:30"), (0, "6:00")]),
        ("晚上8点-12点", [(0, "23:59")], [(0, "11:00"), (0, "0:00")]),
        ("上午: 8:00-12:00", [(0, "8:00")], [(0, "6:30")]),
        ("8:00-12:00，14:00-18:00，中午休息", [(1, "9:00"), (1, "11:30"), (1, "15:00")], [(1, "13:00")]),
        ("上午9:00-11:30 下午休息", [(0, "10:00")], [(0, "11:45"), (0, "14:00")]),
        ("8:00-18:00（12:00-14:00休息）", [(0, "9:00"), (0, "14:00")], [(0, "12:00")]),
        ("周六上午9:00-11:30，周六下午休息", [(6, "10:00")], [(6, "14:00"), (0, "10:00")]),
        ("每天8:00-18:00；周六下午休息", [(6, "9:00"), (0, "14:00")], [(6, "14:00")]),
        ("周一除外 9:00-17:00", [(2, "10:00")], [(1, "10:00")]),
        ("9:00-17:00（周一除外）", [(2, "10:00")], [(1, "10:00")]),
        ("8:00-17:00 周一至周五", [(5, "9:00")], [(6, "9:00")]),
        ("8:00-12:00 14:00-17:00 (工作日)", [(5, "15:00")], [(5, "13:00"), (6, "9:00")]),
        ("Mo-Su 08:00-12:00,14:00-18:00; We 14:00-18:00 off", [(3, "9:00"), (2, "15:00")], [(3, "15:00")]),
        ("Mo-Su 08:00-12:00,14:00-18:00; We 08:00-12:00,14:00-18:00 off", [(2, "9:00")], [(3, "9:00"), (3, "15:00")]),
        ("全天（23:00-5:00休息）", [(0, "5:00"), (0, "22:59")], [(0, "23:00"), (0, "4:59")]),
        ("每天全天；周六22:00-06:00休息", [(6, "3:00"), (7, "6:00"), (7, "23:00")], [(6, "22:00"), (7, "5:59")]),
        ("每天22:00-06:00；周日0:00-3:00休息", [(7, "3:00"), (8, "1:00"), (6, "23:00")], [(7, "1:00"), (0, "2:59")]),
        ("8:00-20:00; 20:00-8:00 off", [(0, "8:00")], [(0, "3:00"), (0, "21:00")]),
        ("off", [], [(0, "9:00")]),
        ("周一至周五9时-17时，周六9:00-11:00", [(6, "10:00"), (5, "16:00")], [(6, "12:00")]),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(text, open_times, closed_times):
    assert [open_at(text, at(*time)) for time in open_times] == [True] * len(open_times)
    assert [open_at(text, at(*time)) for time in closed_times] == [False] * len(closed_times)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "详询社区", "8:00", "周一至周五", "25:00-26:00", "8:70-9:00", "每月32日上午", "sunrise-sunset",
        "周末休息", "节假日休息", "Mo off", "9:00-17:00；休息", "8:00-18:00，中午休息", "上午9:00-1:00", "晚上1点-5点",
        "8:00-12:00,14:00-18:00休息", "周一至周五节假日除外 9:00-17:00", "8:00-17:00 周一至周五，周六9:00-12:00",
        "8:00-17:00 周一至周五，周六周日休息", "8:00-17:00 周一至周五，节假日休息", "8:00-12:00,10:00-14:00",
        "PH 9:00-12:00; 14:00-17:00", "周一、每月15日上午", "全天；每月15日22:00-6:00休息",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_unknown(text):
    assert parse_hours(text) is None
    assert open_at(text, SUNDAY) is None


def test_holidays_are_unknown_unless_a_calendar_is_given():
    text = "周一至周五 9:00-17:00；节假日除外"
    assert open_at(text, at(1, "10:00")) is None
    assert open_at(text, at(1, "18:00")) is False
    monday = date(2026, 11, 23)
    assert open_at(text, at(1, "10:00"), lambda day: day == monday) is False
    assert open_at(text, at(1, "10:00"), lambda _: False) is True
    assert open_at("Mo-Fr 09:00-17:00", at(1, "10:00")) is True
    assert open_at("Mo-Fr 09:00-17:00; PH 10:00-12:00", at(1, "11:00")) is True


@pytest.mark.parametrize(
    "text",
    [
        "周一至周五9:00-17:00，周六、周日及节假日休息",
        "Mo-Fr 09:00-17:00; Sa,Su,PH off",
        "周一至周五（节假日除外）9:00-17:00",
        "周一至周五 9:00-17:00（节假日除外）",
    ],
)
def test_holidays_may_be_told_together_with_days_of_the_week(text):
    assert open_at(text, at(3, "10:00")) is None
    assert open_at(text, at(3, "10:00"), lambda _: True) is False
    assert open_at(text, at(3, "10:00"), lambda _: False) is True
    assert open_at(text, at(0, "10:00")) is False


def test_days_and_holidays_may_share_their_hours():
    assert open_at("Sa,PH 09:00-12:00", at(6, "10:00")) is True
    assert open_at("Sa,PH 09:00-12:00", at(3, "10:00")) is None
    assert open_at("8:00-18:00（节假日除外）", at(0, "9:00")) is None
    assert open_at("8:00-18:00（节假日除外）", at(0, "19:00")) is False


clocks = st.integers(0, 24 * 60 - 1)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 6), st.integers(0, 6), clocks, clocks, st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))
def test_both_languages_mean_the_same_and_agree_with_arithmetic(first_day, last_day, first, last, moment):
    span = f"{first // 60:02}:{first % 60:02}-{last // 60:02}:{last % 60:02}"
    names, codes = "一二三四五六日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    chinese = open_at(f"周{names[first_day]}至周{names[last_day]} {span}", moment)
    assert chinese == open_at(f"{codes[first_day]}-{codes[last_day]} {span}", moment)
    minute = moment.hour * 60 + moment.minute
    days = {(first_day + step) % 7 for step in range((last_day - first_day) % 7 + 1)}
    today, yesterday = moment.weekday() in days, (moment.weekday() - 1) % 7 in days
    if last > first:
        assert chinese == (today and first <= minute < last)
    else:
        assert chinese == ((today and minute >= first) or (yesterday and minute < last))


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="周一至五日每月15上午:-08;，、 全天offPHMo24/7除外", max_size=14), st.datetimes())
def test_no_text_breaks_the_reading(text, moment):
    assert open_at(text, max(moment, datetime(2, 1, 1))) in {True, False, None}


@pytest.mark.parametrize("text", ["每周", "每周一次", "周一闭馆", "周一至周五 8:00-17:00 全年无休"])
def test_words_of_every_week_and_of_the_whole_year_do_not_stand_for_days_or_clocks(text):
    assert parse_hours(text) is None
