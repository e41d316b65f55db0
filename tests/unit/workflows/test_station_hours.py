"""Open now, closes, opens next: by the clock, over midnight, on public holidays and on weekends worked for them."""

from datetime import datetime

import pytest

from gis_service.workflows.station_hours import is_open, opening_at, opening_words

OFFICE = "周一至周五 8:30-12:00,14:00-17:30"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def said(hours: str | None, moment: str) -> str:
    return opening_words(opening_at(hours, at(moment)), at(moment), has_phone=True).zh


@pytest.mark.parametrize(
    ("hours", "moment", "words"),
    [
        (OFFICE, "2026-11-23T08:29", "现在不开放，8:30 开门"),
        (OFFICE, "2026-11-23T08:30", "开放中，12:00 关门"),
        (OFFICE, "2026-11-23T12:00", "现在不开放，14:00 开门"),
        (OFFICE, "2026-11-23T17:29:59", "开放中，17:30 关门"),
        (OFFICE, "2026-11-23T17:30", "现在不开放，明天 8:30 开门"),
        (OFFICE, "2026-11-20T17:30", "现在不开放，周一 8:30 开门"),
        ("每月15日、30日上午", "2026-11-22T10:00", "现在不开放，11月30日上午开放"),
        ("每月15日、30日上午", "2026-11-30T10:00", "今天上午开放"),
        ("每月31日上午", "2026-11-01T10:00", "现在不开放，12月31日上午开放"),
        ("每日早上、晚上", "2026-11-22T13:00", "现在不开放，今天晚上开放"),
        ("周六下午", "2026-11-20T13:00", "现在不开放，明天下午开放"),
        ("周六上午8点半-11点", "2026-11-20T13:00", "现在不开放，明天 8:30 开门"),
        ("24/7", "2026-11-22T10:00", "全天开放"),
        ("每日 20:00-02:00", "2026-11-22T01:00", "开放中，2:00 关门"),
        ("每日 20:00-24:00", "2026-11-22T21:00", "开放中，24:00 关门"),
        (None, "2026-11-22T10:00", "开放时间不详，请先打电话"),
        ("看心情", "2026-11-22T10:00", "开放时间不详，请先打电话"),
        ("off", "2026-11-22T10:00", "现在不开放"),
    ],
)
def test_an_opening_is_said_as_people_say_it(hours: str | None, moment: str, words: str) -> None:
    assert said(hours, moment) == words


def test_on_a_public_holiday_hours_that_do_not_name_it_leave_it_open() -> None:
    # 1 October 2026 is a Thursday.
    unsure = opening_at(OFFICE, at("2026-10-01T09:00"))
    assert (unsure.status, unsure.day.zh if unsure.day else None) == ("unsure", "国庆节")
    assert unsure.opens == at("2026-10-08T08:30")
    assert said(OFFICE, "2026-10-01T09:00") == "国庆节假期，不一定开放，请先打电话"
    assert said(f"{OFFICE}；节假日除外", "2026-10-01T09:00") == "现在不开放，10月8日 8:30 开门"
    assert said("每日 8:00-18:00", "2026-10-01T09:00") == "开放中，18:00 关门"
    assert said("工作日 9:00-17:00", "2026-10-01T10:00") == "现在不开放，10月8日 9:00 开门"
    assert said("周六、周日 9:00-17:00", "2026-10-01T10:00") == "国庆节假期，不一定开放，请先打电话"


def test_a_weekend_worked_for_a_holiday_is_a_working_day() -> None:
    # 10 October 2026 is a Saturday and worked.
    assert said("工作日 9:00-17:00", "2026-10-10T10:00") == "开放中，17:00 关门"
    assert said("周一至周六 9:00-17:00", "2026-10-10T10:00") == "开放中，17:00 关门"
    made_up = opening_at(OFFICE, at("2026-10-10T09:00"))
    assert (made_up.status, made_up.made_up) == ("unsure", True)
    assert "调休" in said(OFFICE, "2026-10-10T09:00")


def test_a_year_that_is_not_announced_is_read_as_it_is_written_but_on_the_days_that_the_law_names() -> None:
    assert said(OFFICE, "2031-10-08T09:00") == "开放中，12:00 关门"
    assert said(OFFICE, "2031-10-01T09:00") == "国庆节假期，不一定开放，请先打电话"
    assert said("工作日 9:00-17:00", "2031-10-01T09:00") == "现在不开放，周一 9:00 开门"


def test_english_says_the_same() -> None:
    moment = at("2026-11-20T17:30")
    words = opening_words(opening_at(OFFICE, moment), moment, has_phone=True)
    assert words.en == "closed now, opens on Monday at 8:30"
    by_part = opening_words(opening_at("每月30日上午", moment), moment, has_phone=True)
    assert by_part.en == "closed now, opens on 30 November in the morning"


def test_who_has_no_telephone_is_not_to_be_called_first() -> None:
    for hours, moment, words in (
        (None, "2026-11-22T10:00", "开放时间不详"),
        (OFFICE, "2026-10-01T09:00", "国庆节假期，不一定开放"),
        (OFFICE, "2026-10-10T09:00", "今天调休上班，开放时间可能不同"),
    ):
        assert opening_words(opening_at(hours, at(moment)), at(moment), has_phone=False).zh == words
        assert said(hours, moment) == f"{words}，请先打电话"


@pytest.mark.parametrize(
    ("moment", "opened"),
    [("2026-11-23T09:00", True), ("2026-11-22T09:00", False), ("2026-10-01T09:00", None), ("2026-10-10T09:00", None)],
)
def test_whether_it_is_open_is_told_only_where_it_is_sure(moment: str, opened: bool | None) -> None:
    assert is_open(OFFICE, at(moment)) is opened
    assert is_open(None, at(moment)) is None


@pytest.mark.parametrize(
    ("hours", "moment", "opened"),
    [
        ("工作日 9:00-17:00", "2026-10-01T10:00", False),
        ("工作日 9:00-17:00", "2026-10-10T10:00", True),
        ("法定节假日休息 9:00-17:00", "2026-11-20T10:00", True),
        ("法定节假日休息 9:00-17:00", "2026-10-01T10:00", False),
        ("法定节假日休息 9:00-17:00", "2031-11-20T10:00", None),
        ("每日 9:00-17:00", "2031-10-01T10:00", True),
    ],
)
def test_hours_that_name_holidays_are_read_by_the_holidays_announced(
    hours: str, moment: str, opened: bool | None
) -> None:
    assert is_open(hours, at(moment)) is opened
