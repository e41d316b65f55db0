"""What every export says about where it comes from."""

from dataclasses import replace

from gis_service.exports.about import rules_sentence, rules_text
from gis_service.plan.priorities import soft_order
from gis_service.plan.rules import Rules
from gis_service.workflows.scenario import AS_IT_IS, Scenario


def test_the_rules_are_one_sentence_with_both_ranges_and_the_basis():
    rules = Rules(households_max=480, basis="households", code_pattern="{community}-{sequence}")
    assert rules_text(rules) == (
        "每个基础网格 300–480 户或 1000–1500 人（含端点），判定依据：户数，目标 390 户；"
        "专属网格和无住户的网格不检验规模；"
        "软性规则先后：规模符合＞不跨河流、铁路、快速路＞边界沿道路、围墙、水系＞形状紧凑＞户数均衡；"
        "网格编码形如“社区编码-1”"
    )


def test_the_target_and_the_order_that_were_asked_for_are_told_in_both_languages():
    told = rules_sentence(Rules(target_households=350, soft_order=soft_order("balance")))
    assert "目标 350 户" in told.zh
    assert "快速路＞户数均衡＞边界沿" in told.zh
    assert "target 350 households" in told.en
    assert "expressway inside a grid > grids of like size > borders along" in told.en


def test_the_walk_is_told_with_minutes_speed_and_metres(about):
    elderly = replace(about, speed_m_per_s=0.8)
    assert dict(elderly.lines())["步行口径"] == "15 分钟 × 0.8 米/秒 = 720 米（含）"


def test_what_does_not_apply_is_left_out(about):
    labels = [label for label, _ in replace(about, minutes=None, speed_m_per_s=None, rules="").lines()]
    assert labels == ["城市", "数据日期", "数据性质", "数据来源", "数据许可", "数据校验", "软件版本", "制作时间"]


def test_office_and_approval_number_are_told_where_given(about):
    lines = dict(replace(about, operator="示范办", map_approval="示S(2024)1号").lines())
    assert (lines["制作单位"], lines["审图号"]) == ("示范办", "示S(2024)1号")


def test_real_and_synthetic_data_are_told_apart(about):
    assert dict(about.lines())["数据性质"].startswith("合成数据")
    given = dict(replace(about, synthetic=False).lines())["数据性质"]
    assert "并非虚构" in given
    assert "实际" not in given


def test_what_is_worked_out_is_told_apart_from_what_is_given(about):
    assert "推算内容" not in dict(about.lines())
    derived = replace(about, derived="网格边界由本软件划定")
    assert dict(derived.lines())["推算内容"] == derived.as_dict()["derived"] == "网格边界由本软件划定"


def test_times_are_told_in_beijing_time_with_the_offset(about):
    assert about.as_dict()["made_at"] == "2024-05-06T15:08:00+08:00"
    assert dict(about.lines())["制作时间"] == "2024-05-06 15:08+08:00"


def test_plan_seeds_data_hash_and_kinds_are_told(about):
    full = replace(about, plan="proposal", seeds=(1, 7), kinds=("red_station", "service_centre"))
    told = full.as_dict()
    assert (told["plan"], told["seed"], told["kinds"]) == ("proposal", "1; 7", "red_station; service_centre")
    assert told["content_hash"] == "3f" * 32
    lines = dict(full.lines())
    assert (lines["方案"], lines["随机种子"], lines["设施类别"]) == ("proposal", "1、7", "red_station、service_centre")


def test_an_imagined_state_is_told_as_one(about):
    assert about.as_dict()["scenario"] == ""
    imagined = replace(about, scenario=Scenario(add=((120.2167, 27.3243),), without=("S1", "S2")).text.zh)
    assert imagined.as_dict()["scenario"] == imagined.lines()[3][1]
    assert imagined.lines()[3] == (
        "假设情景",
        "假设情景，不是现状：新增 added-1（东经 120.216700，北纬 27.324300）；关闭 S1、S2",
    )
    assert AS_IT_IS.text.zh == ""


def test_what_lies_outside_every_community_is_told_where_there_is_any(about):
    assert "未计入" not in dict(about.lines())
    lines = dict(replace(about, buildings_outside=3, households_outside=120).lines())
    assert lines["未计入"] == "另有 3 栋楼、120 户不在任何社区内，不计入各网格、各社区和全市的合计"
