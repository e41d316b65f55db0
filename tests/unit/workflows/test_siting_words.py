import pytest

from gis_service.reach.siting.rules import SitingRules
from gis_service.workflows.siting_words import answer_text, cost_text, ended_texts, question_text

SUMMARY = {
    "objective": 1234.0,
    "bound": 1300.0,
    "gap": 0.0535,
    "proved_optimal": False,
    "stopped_by_limit": True,
    "cost": None,
    "candidates": 7,
}


def test_bound_gap_and_limit_are_always_told():
    rules = SitingRules(count=3, time_limit_s=5.0)
    assert question_text(rules, SUMMARY, given=True).zh == (
        "新增不超过 3 处，覆盖户数最多；候选点 7 个，来自文件；求解时限 5 秒"
    )
    assert answer_text(rules, SUMMARY).zh == (
        "覆盖户数 1,234，理论上限 1,300，差距 5.35%，未证明最优，是到求解时限为止的最好方案"
    )
    unknown = SUMMARY | {"bound": None, "gap": None, "stopped_by_limit": False}
    assert answer_text(rules, unknown).zh == "覆盖户数 1,234，理论上限 未知，差距 未知，未证明最优，是目前最好的方案"
    proved = SUMMARY | {"bound": 1234.0, "gap": 0.0, "proved_optimal": True}
    assert answer_text(rules, proved).en == (
        "households covered 1,234, proven upper bound 1,234, gap 0.00%, proved optimal"
    )


@pytest.mark.parametrize(
    ("rules", "cost", "asked", "answered"),
    [
        (SitingRules(share=0.95), None, "覆盖 95.0% 的户数、数量最少", "新增数量 1,234，理论下限"),
        (SitingRules(share=0.95), 9.0, "覆盖 95.0% 的户数、造价最低", "总造价 1,234，理论下限"),
        (SitingRules(count=2, budget=9.5), 9.0, "造价合计不超过 9.5，覆盖户数最多", "覆盖户数 1,234，理论上限"),
        (SitingRules(count=2, aim="walk"), None, "超过 45 分钟的按 45 分钟计", "步行总量（户·米） 1,234，理论下限"),
    ],
)
def test_every_question_has_its_words(rules, cost, asked, answered):
    summary = SUMMARY | {"cost": cost}
    assert asked in question_text(rules, summary, given=False).zh
    assert "取自住户附近的路口，间距不小于 150 米；求解时限 60 秒" in question_text(rules, summary, given=False).zh
    assert answered in answer_text(rules, summary).zh


def test_street_corners_beyond_the_most_are_told_with_their_cure():
    rules, summary = SitingRules(count=2), SUMMARY | {"candidates_left_out": 12}
    told = question_text(rules, summary, given=False)
    assert "另有 12 个路口超出数量上限未列入，可加大间距（--spacing）" in told.zh
    assert "12 more corners left out" in told.en
    assert "未列入" not in question_text(rules, SUMMARY | {"candidates_left_out": 0}, given=False).zh


def test_under_capacities_to_be_near_is_not_called_to_be_served():
    rules, summary = SitingRules(count=2), SUMMARY | {"households_served": 900.0}
    assert question_text(rules, summary, given=True).zh == (
        "新增不超过 2 处，服务户数最多；候选点 7 个，来自文件，有服务能力上限；求解时限 60 秒"
    )
    told = answer_text(rules, summary)
    assert told.zh.startswith("可服务户数 1,234，理论上限 1,300")
    assert told.zh.endswith("；按服务能力，15 分钟内可服务 900 户，覆盖率只看步行能否到达")
    assert "覆盖 90.0%" not in question_text(SitingRules(share=0.9), summary, given=True).zh


def test_large_numbers_are_written_out():
    told = question_text(SitingRules(count=2, budget=1e9, time_limit_s=1e7), SUMMARY, given=True)
    assert "造价合计不超过 1,000,000,000" in told.zh
    assert "求解时限 10,000,000 秒" in told.zh


def test_only_of_a_run_that_its_time_limit_ended_it_is_told_that_others_go_before_it() -> None:
    assert ended_texts({"stopped_by_limit": False}) == ()
    (said,) = ended_texts({"stopped_by_limit": True})
    assert "--time-limit" in said.zh
    assert "--time-limit" in said.en


@pytest.mark.parametrize(
    ("cost", "words"), [(61.3, "61.3"), (1234567.0, "1,234,567"), (0.0004, "0.0004"), (100.0, "100"), (12.345, "12.35")]
)
def test_costs_keep_their_parts(cost, words):
    assert cost_text(cost) == words
    told = answer_text(SitingRules(share=0.9), SUMMARY | {"cost": cost, "objective": cost, "bound": cost})
    assert f"总造价 {words}，理论下限 {words}，" in told.zh
