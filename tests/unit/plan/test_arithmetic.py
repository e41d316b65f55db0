"""What totals alone say: whether grids can all be in range, and how many there may be."""

import numpy as np
import pytest

from gis_service.plan.arithmetic import Totals, fewest_grids, may_fit, most_grids, target_count, totals_of
from gis_service.plan.rules import Rules

HOUSEHOLDS = Rules(basis="households")
RESIDENTS = Rules(basis="residents")
EITHER = Rules()


def unknown(households):
    """Return totals of one unit whose residents are unknown."""
    return Totals(households, 0, 1, households)


def test_units_with_unknown_residents_leave_the_others_counted():
    found = totals_of(np.array([250, 300, 0]), np.array([1100, -1, 40]))
    assert found == Totals(550, 1140, 1, 300)
    assert found.estimated_residents() == round(1140 * 550 / 250)
    assert unknown(400).estimated_residents() is None
    assert totals_of(np.zeros(0, np.int64), np.zeros(0, np.int64)) == Totals(0)


def test_only_totals_below_300_and_from_501_to_599_cannot_fit_by_households():
    impossible = [total for total in range(3000) if not may_fit(unknown(total), HOUSEHOLDS)]
    assert impossible == [*range(300), *range(501, 600)]


@pytest.mark.parametrize(
    ("totals", "rules", "fits"),
    [
        (Totals(550, 1400), EITHER, True),  # one grid by residents
        (Totals(250, 900), EITHER, False),
        (Totals(599, 1999), EITHER, True),  # 300 households and 999 people; 299 households and 1000 people
        (Totals(550, 999), EITHER, False),
        (Totals(550, 1400), HOUSEHOLDS, False),
        (Totals(400, 900), RESIDENTS, False),
        (unknown(400), RESIDENTS, True),
        (unknown(550), RESIDENTS, False),
        (Totals(0, 1200), EITHER, True),  # a dormitory
        (Totals(0, 1200), RESIDENTS, True),
        (Totals(0, 700), EITHER, False),
        (Totals(0, 0), EITHER, False),
        # 250 households with 1100 people, and 300 households of whom nobody knows how many people they are.
        (Totals(550, 1100, 1, 300), EITHER, True),
        (Totals(550, 1100, 1, 300), RESIDENTS, True),
        (Totals(550, 999, 1, 300), EITHER, False),
        # One grid of all would be judged by its 550 households, and the residents known are too few for another.
        (Totals(550, 1400, 1, 10), HOUSEHOLDS, False),
        (Totals(290, 1400, 1, 10), RESIDENTS, False),
    ],
)
def test_what_fits_depends_on_the_basis(totals, rules, fits):
    assert may_fit(totals, rules) is fits


@pytest.mark.parametrize(
    ("totals", "rules", "most"),
    [
        (unknown(299), EITHER, 1),
        (unknown(600), HOUSEHOLDS, 2),
        (Totals(600, 3000), RESIDENTS, 3),
        (Totals(599, 1999), EITHER, 2),
        (Totals(0, 0), EITHER, 1),
        (Totals(550, 1100, 1, 300), RESIDENTS, 2),
        (Totals(550, 1100, 1, 300), HOUSEHOLDS, 1),
    ],
)
def test_most_grids_counts_how_often_a_minimum_can_be_reached(totals, rules, most):
    assert most_grids(totals, rules) == most


@pytest.mark.parametrize(
    ("totals", "rules", "count"),
    [
        (unknown(4000), EITHER, 10),
        (unknown(1000), HOUSEHOLDS, 3),  # 333 each is nearer to 400 than 500 each
        (Totals(2772, 4200), RESIDENTS, 3),
        (Totals(2772, 4200), HOUSEHOLDS, 7),
        (Totals(550, 1400), EITHER, 1),
        (unknown(550), EITHER, 1),
        (Totals(0, 0), EITHER, 1),
        (Totals(0, 11_520), EITHER, 9),
        (Totals(0, 1700), EITHER, 1),
        # Some 8750 people, 750 of them in the building nobody counted.
        (Totals(3500, 8000, 1, 300), RESIDENTS, 7),
        (unknown(4000), RESIDENTS, 10),
    ],
)
def test_the_target_is_the_number_whose_mean_is_nearest_the_middle_of_the_range(totals, rules, count):
    assert target_count(totals, rules) == count


def test_a_target_sets_the_number_of_grids():
    assert target_count(unknown(3600), Rules()) == 9
    assert target_count(unknown(3600), Rules(target_households=330)) == 11
    assert target_count(unknown(3600), Rules(target_households=500)) == 8
    assert target_count(unknown(500), Rules(target_households=300)) == 1


def test_the_fewest_grids_are_those_of_the_largest_size():
    assert fewest_grids(Totals(1001, 1500), HOUSEHOLDS) == 3
    assert fewest_grids(Totals(1001, 1500), EITHER) == 1
    assert fewest_grids(Totals(1001, 3001), RESIDENTS) == 3
    assert fewest_grids(unknown(1001), RESIDENTS) == 3
    assert fewest_grids(Totals(0, 0), EITHER) == 1
