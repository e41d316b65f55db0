import pytest

from gis_service.errors import InputError
from gis_service.reach.rules import ReachRules
from gis_service.reach.siting.rules import SitingRules


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "给出且只给出一个"),
        ({"count": 1, "share": 0.5}, "给出且只给出一个"),
        ({"count": 0}, "1 到"),
        ({"share": 1.01}, "不超过 1"),
        ({"share": float("nan")}, "不超过 1"),
        ({"share": 0.9, "aim": "walk"}, "--aim cover"),
        ({"share": 0.9, "budget": 1.0}, "预算只能"),
        ({"count": 1, "aim": "walk", "budget": 1.0}, "预算只能"),
        ({"count": 1, "budget": -1.0}, "不小于 0"),
        ({"count": 1, "aim": "fly"}, "fly"),
        ({"count": 1, "spacing_m": 0.0}, "间距"),
        ({"count": 1, "time_limit_s": 0.0}, "求解时限"),
    ],
)
def test_a_question_that_means_nothing_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        SitingRules(**values)


def test_rules_come_back_from_json_as_they_went():
    rules = SitingRules(ReachRules(minutes=10, kinds=("elder_canteen",)), count=3, budget=7.5, time_limit_s=None)
    assert SitingRules.from_dict(rules.as_dict()) == rules
    with pytest.raises(InputError, match="不认识的规则：colour"):
        SitingRules.from_dict(rules.as_dict() | {"colour": 1})


def test_walks_count_up_to_three_cut_offs():
    assert SitingRules(count=1).longest_m == 2700.0
