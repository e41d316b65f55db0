import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.reach.capacity import floating_catchment, floor_area


def test_supply_is_shared_by_everybody_within_reach():
    # Facility 0 (100 m²) is reached by places 0 and 1, facility 1 (60 m²) by places 1 and 2.
    place, facility = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    found = floating_catchment(place, facility, np.array([30.0, 20.0, 10.0]), np.array([100.0, 60.0]))
    assert found.demand_of_facility.tolist() == [50.0, 30.0]
    assert found.supply_per_person.tolist() == [2.0, 2.0]
    assert found.access.tolist() == [2.0, 4.0, 2.0]


def test_weights_by_distance_count_in_both_steps():
    place, facility = np.array([0, 1]), np.array([0, 0])
    found = floating_catchment(place, facility, np.array([10.0, 20.0]), np.array([30.0]), np.array([1.0, 0.5]))
    assert found.demand_of_facility.tolist() == [20.0]
    assert found.access.tolist() == [1.5, 0.75]


def test_unknown_supply_is_not_taken_for_none():
    found = floating_catchment(np.array([0, 0]), np.array([0, 1]), np.array([10.0]), np.array([np.nan, 5.0]))
    assert np.isnan(found.supply_per_person[0])
    assert found.access.tolist() == [0.5]


def test_a_facility_nobody_reaches_and_a_place_that_reaches_none_have_nothing():
    empty = np.array([], dtype=np.int64)
    found = floating_catchment(empty, empty, np.array([10.0]), np.array([5.0]))
    assert found.supply_per_person.tolist() == [0.0]
    assert found.access.tolist() == [0.0]


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_all_supply_within_anybodys_reach_is_shared_out(data):
    places, facilities = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    every = [(p, f) for p in range(places) for f in range(facilities)]
    pairs = np.array(data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True)), dtype=np.int64)
    people = np.array(data.draw(st.lists(st.integers(1, 50), min_size=places, max_size=places)), dtype=float)
    supply = np.array(data.draw(st.lists(st.integers(0, 90), min_size=facilities, max_size=facilities)), dtype=float)
    weight = np.array(data.draw(st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=len(pairs), max_size=len(pairs))))
    found = floating_catchment(pairs[:, 0], pairs[:, 1], people, supply, weight)
    reached = np.unique(pairs[:, 1])
    assert (people * found.access).sum() == pytest.approx(supply[reached].sum())


def test_floor_area_is_set_against_the_households_that_come():
    owner = np.array([0, 0, 1, -1, 2])
    found = floor_area(owner, np.array([200, 100, 50, 70, 10]), np.array([60.0, 15.0, np.nan, 80.0]))
    assert found.households.tolist() == [300, 50, 10, 0]
    assert found.area_per_hundred_m2[:2].tolist() == [20.0, 30.0]
    assert np.isnan(found.area_per_hundred_m2[2:]).all()
    assert found.over_capacity.tolist() == [True, False, False, False]
