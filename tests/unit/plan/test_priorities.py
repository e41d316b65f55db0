import pytest

from gis_service.errors import InputError
from gis_service.plan.priorities import SOFT_RULES, WISHES, check_order, soft_order, weights
from gis_service.plan.rules import Rules


def test_the_usual_order_changes_nothing():
    assert soft_order("lines") == tuple(SOFT_RULES)
    assert set(weights(tuple(SOFT_RULES)).values()) == {1.0}


def test_a_wish_that_goes_first_counts_more_and_those_it_passes_less():
    by_shape = weights(soft_order("compactness"))  # compactness up one place, lines down one
    assert by_shape["lines"] == 0.25
    assert by_shape["balance"] == 0.5
    even = weights(soft_order("balance"))  # balance up two places, lines and compactness down one
    assert even["balance"] == 8.0
    assert even["lines"] == 1.0
    assert by_shape["size"] == by_shape["barriers"] == even["barriers"] == 1.0


@pytest.mark.parametrize(
    "order",
    [
        ("lines", "size", "barriers", "compactness", "balance"),
        ("size", "barriers", "lines"),
        ("size", "barriers", *"xyz"),
    ],
)
def test_an_order_that_is_none_is_refused(order):
    with pytest.raises(InputError, match="size"):
        check_order(order)
    with pytest.raises(InputError):
        Rules(soft_order=order)


def test_rules_remember_target_and_order():
    for wish in WISHES:
        rules = Rules(target_households=350, soft_order=soft_order(wish))
        assert Rules.from_dict(rules.as_dict()) == rules
        assert isinstance(rules.as_dict()["soft_order"], list)


def test_a_target_outside_the_range_is_refused():
    with pytest.raises(InputError, match="600"):
        Rules(target_households=600)


def test_rules_of_older_plans_have_the_usual_order():
    old = {k: v for k, v in Rules().as_dict().items() if k not in ("soft_order", "target_households")}
    assert Rules.from_dict(old) == Rules()
