"""The size rule and the ready-made test vectors T1 to T7 of the domain notes."""

import pandas as pd
import pytest

from gis_service.errors import InputError
from gis_service.plan.rules import (
    BASIS_LABELS,
    KIND_LABELS,
    STATUS_LABELS,
    TEST_LABELS,
    Rules,
    Verdict,
    describe,
    judge,
    possible_counts,
)

RULES = Rules()


def test_t1_both_counts_below_their_ranges_make_a_grid_too_small():
    assert judge(134, 762, "base", RULES) == Verdict("small", "under", "under")
    assert STATUS_LABELS["small"].zh == "过小"


def test_t2_both_counts_in_range_make_a_normal_grid():
    assert judge(300, 1200, "base", RULES) == Verdict("normal", "pass", "pass")


def test_t3_households_in_range_are_enough_and_too_many_residents_are_noted():
    verdict = judge(480, 1650, "base", RULES)
    assert verdict == Verdict("normal", "pass", "over")
    sentence = describe(480, 1650, verdict, RULES)
    assert sentence.zh == "480 户（规则 300–500，符合），1650 人（规则 1000–1500，超过）"
    assert sentence.en == "480 households (rule 300-500: within), 1650 residents (rule 1000-1500: above)"


def test_t4_households_in_range_are_enough_and_too_few_residents_are_noted():
    assert judge(310, 900, "base", RULES) == Verdict("normal", "pass", "under")


def test_t5_a_large_estate_needs_six_to_nine_grids_by_households_and_three_or_four_by_residents():
    assert judge(2772, 4200, "base", RULES).status == "large"
    assert list(possible_counts(2772, 300, 500)) == [6, 7, 8, 9]
    assert list(possible_counts(4200, 1000, 1500)) == [3, 4]


def test_t6_a_special_grid_has_no_size_test():
    assert judge(0, 0, "special", RULES) == Verdict("special", "exempt", "exempt")


@pytest.mark.parametrize("residents", [0, None, pd.NA])
@pytest.mark.parametrize("basis", ["either", "households", "residents"])
def test_a_base_grid_where_nobody_is_known_to_live_is_empty_and_not_too_small(basis, residents):
    rules = Rules(basis=basis)
    verdict = judge(0, residents, "base", rules)
    assert verdict == Verdict("empty", "exempt", "exempt")
    assert describe(0, residents, verdict, rules).zh.startswith("0 户（规则 300–500，不检验）")
    assert STATUS_LABELS["empty"].zh == "无住户"


@pytest.mark.parametrize(("households", "residents"), [(0, 1), (1, 0), (1, None)])
def test_one_resident_or_household_is_enough_to_be_tested(households, residents):
    assert judge(households, residents, "base", RULES).status == "small"


def test_residents_in_range_make_a_grid_without_households_normal():
    assert judge(0, 1200, "base", RULES) == Verdict("normal", "under", "pass")


@pytest.mark.parametrize(
    ("basis", "households", "residents", "status"),
    [
        ("either", 200, 1600, "conflict"),
        ("either", 600, 900, "conflict"),
        ("either", 600, 1600, "large"),
        ("either", 200, 1200, "normal"),
        ("households", 200, 1200, "small"),
        ("households", 501, 1200, "large"),
        ("residents", 400, 999, "small"),
        ("residents", 400, 1501, "large"),
        ("residents", 200, 1000, "normal"),
    ],
)
def test_the_basis_decides_which_test_counts(basis, households, residents, status):
    assert judge(households, residents, "base", Rules(basis=basis)).status == status


@pytest.mark.parametrize("unknown", [None, pd.NA])
@pytest.mark.parametrize("basis", ["either", "households", "residents"])
def test_households_alone_decide_where_residents_are_unknown(basis, unknown):
    assert judge(299, unknown, "base", Rules(basis=basis)) == Verdict("small", "under", "unknown")
    assert judge(300, unknown, "base", Rules(basis=basis)) == Verdict("normal", "pass", "unknown")
    assert "人数未知" in describe(300, unknown, judge(300, unknown, "base", RULES), RULES).zh


@pytest.mark.parametrize(("households", "test"), [(299, "under"), (300, "pass"), (500, "pass"), (501, "over")])
def test_bounds_are_inclusive(households, test):
    assert judge(households, None, "base", RULES).households_test == test


def test_only_totals_below_300_and_from_501_to_599_fit_no_number_of_grids():
    impossible = [total for total in range(1, 5000) if not possible_counts(total, 300, 500)]
    assert impossible == [*range(1, 300), *range(501, 600)]


def test_a_total_of_nothing_fits_no_grid_at_all():
    assert list(possible_counts(0, 300, 500)) == []


def test_rules_survive_the_way_through_json():
    rules = Rules(households_max=450, basis="residents", code_pattern="{community}-{sequence:04d}")
    assert Rules.from_dict(rules.as_dict()) == rules


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"households_min": 0}, "户数范围 0–500"),
        ({"residents_min": 1501}, "人数范围 1501–1500"),
        ({"basis": "people"}, "划分依据“people”"),
        ({"code_pattern": "{community}"}, "编码规则“{community}”"),
        ({"target": 400}, "不认识的规则：target"),
    ],
)
def test_rules_that_nothing_can_meet_are_refused(values, text):
    with pytest.raises(InputError, match=text.replace("{", r"\{")):
        Rules.from_dict(values)


def test_every_value_has_a_label_in_both_languages():
    for labels in (STATUS_LABELS, TEST_LABELS, BASIS_LABELS, KIND_LABELS):
        assert all(label.zh and label.en for label in labels.values())
