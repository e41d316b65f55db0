"""What cannot be seen leaves the words of a file, and messages stay on one line."""

import pytest

from gis_service.ingest.fields import match_field
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.visible import visible

CSV = '[files.buildings]\npath = "buildings.csv"\ncrs = "EPSG:4326"\n'


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("东山\u200b社区", "东山社区"),
        ("\ufeff东山社区", "东山社区"),
        ("东山\u202e社区\u202c", "东山社区"),
        ("东\u2066山\u2069社\u00ad区", "东山社区"),
        ("东山\x00社\x1b区\x7f", "东山社区"),
        ("一号\r\n二号\t三号\u2028四号", "一号 二号 三号 四号"),
        ("\u200b \u2060", ""),
        ("东山 社区\u3000甲", "东山 社区\u3000甲"),
        ("虎𬇙镇\ue000", "虎𬇙镇\ue000"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("ᠠ\u180eᠠ", "ᠠ\u180eᠠ"),
    ],
)
def test_only_what_cannot_be_seen_goes(given, left):
    assert visible(given) == left


@pytest.mark.parametrize(
    "emoji",
    [
        "😀",
        "❤\ufe0f",
        "👍🏽",
        "👨\u200d👩\u200d👧",
        "👩🏽\u200d🚒",
        "🏳\ufe0f\u200d🌈",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
)
def test_emoji_stay_whole(emoji):
    assert visible(f"甲{emoji}社区") == f"甲{emoji}社区"


@pytest.mark.parametrize(
    ("given", "left"), [("甲\u200d社区", "甲社区"), ("\u200d😀", "😀"), ("😀\u200d", "😀"), ("甲\U000e0067", "甲")]
)
def test_joiners_and_tags_beside_no_emoji_go(given, left):
    assert visible(given) == left


def test_names_are_cleaned_and_the_notice_counts_rows_of_each_column(town):
    regions = town.regions()
    regions["name"] = ["测试市", "测\u200b试区", "测试街道", "东山\u202e社区😀", "西山社区"]
    regions.to_file(town.folder / "regions.gpkg")
    frames = town.read()
    assert frames.regions["name"].tolist() == ["测试市", "测试区", "测试街道", "东山社区😀", "西山社区"]
    note = next(note for note in frames.notes if "看不见" in note.zh)
    assert (note.severity, note.row) == ("repaired", 2)
    assert note.zh.startswith("第 2、4 个要素的“name”含有换行或看不见的字符")
    assert note.zh.endswith("共 2 处")


def test_a_name_of_nothing_visible_is_an_empty_name(town):
    regions = town.regions()
    regions.loc[3, "name"] = "\u200b\u2060"
    regions.to_file(town.folder / "regions.gpkg")
    assert "第 4 个要素的“name”为空，请填写" in town.refusal()


def test_ids_that_differ_only_in_what_cannot_be_seen_are_one(town):
    town.points_csv("id,户数,lon,lat", ["b1,5,{lon},{lat}", "b\u200b1,6,{lon},{lat}"])
    assert "第 2、3 行的“id”都是“b1”" in town.refusal(buildings=CSV)


def test_a_number_with_something_invisible_is_refused_and_it_is_said(town):
    town.points_csv("id,户数,lon,lat", ["b1,5\x006,{lon},{lat}"])
    assert "第 2 行的“户数”不是数字（现为“56”，其中有看不见的字符）" in town.refusal(buildings=CSV)


def test_a_header_with_something_invisible_is_understood():
    assert match_field(["楼栋\n编号", "户\u200b数"], ["户数"], cut_names=False) == ["户\u200b数"]
    assert match_field(["楼栋\n编号"], ["楼栋编号"], cut_names=False) == ["楼栋\n编号"]


def test_messages_are_one_line_whatever_they_quote():
    error = refusal("a.csv", "“户\n数”不对\u202e", "column '户\n数' is wrong")
    assert (error.text.zh, error.text.en) == ("a.csv：“户 数”不对", "a.csv: column '户 数' is wrong")
    note = ImportNote("notice", "a.csv", None, "甲\r\n乙", "a\nb")
    assert (note.zh, note.en) == ("甲 乙", "a b")
