import json
import math

import pytest

from gis_service.errors import InputError
from gis_service.reach.check import PACES
from gis_service.reach.rules import ReachRules


def test_fifteen_minutes_are_900_metres_and_720_for_the_elderly():
    assert ReachRules().cutoff_m == 900.0
    assert ReachRules(speed_m_per_s=PACES["elderly"]).cutoff_m == 720.0


def test_rules_survive_json():
    rules = ReachRules(minutes=10, kinds=("elder_canteen",))
    assert ReachRules.from_dict(json.loads(json.dumps(rules.as_dict()))) == rules
    assert ReachRules.from_dict({"minutes": 5.0}) == ReachRules(minutes=5.0)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"minutes": 0.0}, "minutes"),
        ({"minutes": math.nan}, "minutes"),
        ({"speed_m_per_s": -1.0}, "speed_m_per_s"),
        ({"speed_m_per_s": math.inf}, "speed_m_per_s"),
        ({"max_gap_m": 0.0}, "max_gap_m"),
        ({"min_component_m": -0.1}, "min_component_m"),
        ({"kinds": ()}, "kind"),
    ],
)
def test_rules_that_mean_nothing_are_refused(values, name):
    with pytest.raises(InputError) as refused:
        ReachRules(**values)
    assert name in refused.value.text.en


def test_every_component_may_be_walked_on():
    assert ReachRules(min_component_m=0.0).min_component_m == 0.0


def test_unknown_rules_are_refused():
    with pytest.raises(InputError, match="velocity"):
        ReachRules.from_dict({"velocity": 1.0})
