"""Codes of regions that would be misread are refused; unofficial ones are told."""

import pytest


def with_code(town, code):
    regions = town.regions()
    regions.loc[4, "code"] = code
    regions.to_file(town.folder / "regions.gpkg")


@pytest.mark.parametrize("mark", [*"<>\"'&/\\?#%", " ", "\u3000", "\n", "\u200b", "\x01"])
def test_a_code_with_marks_blanks_or_invisible_characters_is_refused_by_feature(town, mark):
    with_code(town, f"99{mark}01")
    text = town.refusal()
    assert text.startswith("regions.gpkg：第 5 个要素的“code”含有空格、看不见的字符或 < > ")
    assert "\n" not in text


def test_a_parent_code_is_looked_at_too(town):
    regions = town.regions()
    regions.loc[4, "parent_code"] = "990101 001000"
    regions.to_file(town.folder / "regions.gpkg")
    assert "第 5 个要素的“parent_code”含有空格" in town.refusal()


@pytest.mark.parametrize("code", ["99", "BMSZ01", "990101001-A", "社区_2"])
def test_a_community_code_not_of_12_digits_is_told(town, code):
    with_code(town, code)
    frames = town.read()
    assert code in set(frames.regions["code"])
    said = [note.zh for note in frames.notes if "12 位数字" in note.zh]
    assert said == [f"1 个社区的代码不是 12 位数字（{code}），网格编码因此不是国家标准的形式，请核对"]


def test_official_codes_are_not_told(town):
    assert not any("12 位数字" in note.zh for note in town.read().notes)
