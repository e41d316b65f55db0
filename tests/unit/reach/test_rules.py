import json
import math

import pytest

from gis_service.errors import InputError
from gis_service.reach.check import PACES
from gis_service.reach.rules import COSTS, ReachRules


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
        ({"minutes": 120.1}, "minutes"),
        ({"minutes": math.nan}, "minutes"),
        ({"minutes": math.inf}, "minutes"),
        ({"speed_m_per_s": -1.0}, "speed_m_per_s"),
        ({"speed_m_per_s": 0.09}, "speed_m_per_s"),
        ({"speed_m_per_s": 3.6}, "speed_m_per_s"),
        ({"speed_m_per_s": math.inf}, "speed_m_per_s"),
        ({"max_gap_m": 0.0}, "max_gap_m"),
        ({"max_gap_m": math.inf}, "max_gap_m"),
        ({"min_component_m": -0.1}, "min_component_m"),
        ({"min_component_m": math.nan}, "min_component_m"),
        ({"kinds": ()}, "kind"),
    ],
)
def test_rules_that_mean_nothing_are_refused(values, name):
    with pytest.raises(InputError) as refused:
        ReachRules(**values)
    assert name in refused.value.text.en


def test_bounds_are_told_in_chinese_and_are_inclusive():
    with pytest.raises(InputError) as refused:
        ReachRules(speed_m_per_s=3.6)
    assert refused.value.text.zh == "步行速度（米/秒）为 3.6，必须在 0.1 到 3 之间"
    assert ReachRules(minutes=120.0, speed_m_per_s=3.0).cutoff_m == 21_600.0
    assert ReachRules(minutes=1e-3, speed_m_per_s=0.1).cutoff_m == pytest.approx(0.006)


def test_every_component_may_be_walked_on():
    assert ReachRules(min_component_m=0.0).min_component_m == 0.0


def test_unknown_rules_are_refused():
    with pytest.raises(InputError, match="velocity"):
        ReachRules.from_dict({"velocity": 1.0})


def test_plain_rules_are_written_as_before_anything_but_lengths_could_count():
    assert not set(COSTS) & set(ReachRules().as_dict())
    rules = ReachRules(steps_factor=2.0, slope="tobler")
    assert {name: rules.as_dict()[name] for name in COSTS if name in rules.as_dict()} == {
        "steps_factor": 2.0,
        "slope": "tobler",
    }
    assert ReachRules.from_dict(json.loads(json.dumps(rules.as_dict()))) == rules
