"""What every export says about where it comes from."""

from dataclasses import replace

from gis_service.exports.about import rules_text
from gis_service.plan.rules import Rules


def test_the_rules_are_one_sentence_with_both_ranges_and_the_basis():
    rules = Rules(households_max=480, basis="households", code_pattern="{community}-{sequence}")
    assert rules_text(rules) == (
        "每个基础网格 300–480 户或 1000–1500 人（含端点），判定依据：户数；专属网格不检验规模；网格编码形如“社区编码-1”"
    )


def test_the_walk_is_told_with_minutes_speed_and_metres(about):
    elderly = replace(about, speed_m_per_s=0.8)
    assert dict(elderly.lines())["步行口径"] == "15 分钟 × 0.8 米/秒 = 720 米（含）"


def test_what_does_not_apply_is_left_out(about):
    labels = [label for label, _ in replace(about, minutes=None, speed_m_per_s=None, rules="").lines()]
    assert labels == ["城市", "数据日期", "数据性质", "数据来源", "数据许可", "软件版本", "制作时间"]


def test_office_and_approval_number_are_told_where_given(about):
    lines = dict(replace(about, operator="示范办", map_approval="示S(2024)1号").lines())
    assert (lines["制作单位"], lines["审图号"]) == ("示范办", "示S(2024)1号")


def test_real_and_synthetic_data_are_told_apart(about):
    assert dict(about.lines())["数据性质"].startswith("合成数据")
    assert dict(replace(about, synthetic=False).lines())["数据性质"] == "实际数据"
