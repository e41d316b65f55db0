import numpy as np
import pytest

from gis_service.reach.snapping import snap
from gis_service.reach.what_if import WhatIf


def at(network, *places):
    return snap(network, np.array(places, dtype=float).reshape(-1, 2), max_gap_m=50.0)


@pytest.fixture
def line(streets):
    """Return a street of 1,000 m with a node every 100 m."""
    return streets.network([(x * 100, 0) for x in range(11)], [(x, x + 1) for x in range(10)])


def test_a_new_facility_takes_those_who_are_nearer_to_it(line):
    state = WhatIf(line, at(line, (0, 0), (550, 0), (1000, 0)), at(line, (0, 0)))
    number, change = state.add(at(line, (1000, 0)))
    assert number == 1
    assert change.origin.tolist() == [1, 2]
    assert change.before.walk_m.tolist() == [550.0, 1000.0]
    assert change.after.walk_m.tolist() == [450.0, 0.0]
    assert change.after.owner.tolist() == [1, 1]


def test_a_new_facility_as_far_as_the_old_one_changes_nothing(line):
    state = WhatIf(line, at(line, (500, 0)), at(line, (0, 0)))
    assert state.add(at(line, (1000, 0)))[1].origin.tolist() == []


def test_those_of_a_closed_facility_walk_to_the_next_or_nowhere(line):
    state = WhatIf(line, at(line, (100, 0), (900, 0)), at(line, (0, 0), (1000, 0)))
    assert state.close(0).after.walk_m.tolist() == [900.0]
    assert state.walks.owner.tolist() == [1, 1]
    change = state.close(1)
    assert change.after.walk_m.tolist() == [np.inf, np.inf]
    assert change.after.owner.tolist() == [-1, -1]


def test_a_moved_facility_keeps_its_number(line):
    state = WhatIf(line, at(line, (900, 0)), at(line, (0, 0)))
    change = state.move(0, at(line, (800, 0)))
    assert (change.after.owner.tolist(), change.after.walk_m.tolist()) == ([0], [100.0])


def test_neighbours_on_the_same_street_are_told_too(streets):
    network = streets.network([(0, 0), (1000, 0)], [(0, 1)])
    state = WhatIf(network, at(network, (490, 0), (10, 0)), at(network, (0, 0)))
    _, change = state.add(at(network, (500, 0)))
    assert (change.origin.tolist(), change.after.walk_m.tolist()) == ([0], [10.0])


def test_what_is_gained_is_the_weight_of_those_who_come_within_the_cut_off(line):
    state = WhatIf(line, at(line, (0, 0), (550, 0), (1000, 0)), at(line, (0, 0)))
    _, change = state.add(at(line, (1000, 0)))
    households = np.array([10, 20, 40])
    assert change.gained(households, 500.0) == 60
    assert change.gained(households, 100.0) == 40
    assert state.close(0).gained(households, 500.0) == -10


def test_a_path_across_the_block_shortens_the_walk(streets):
    network = streets.network([(0, 0), (500, 0), (500, 100), (0, 100)], [(0, 1), (1, 2), (2, 3)])
    state = WhatIf(network, at(network, (100, 0)), at(network, (100, 100)))
    change = state.open_path(at(network, (200, 0), (200, 100)), 100.0)
    assert (change.before.walk_m.tolist(), change.after.walk_m.tolist()) == ([900.0], [300.0])
    assert state.open_path(at(network, (100, 0), (100, 100)), 100.0).after.walk_m.tolist() == [100.0]


def test_paths_and_facilities_can_be_added_in_turn(streets):
    network = streets.network([(0, 0), (500, 0), (500, 100), (0, 100)], [(0, 1), (1, 2), (2, 3)])
    state = WhatIf(network, at(network, (100, 0)), at(network, (0, 100)))
    state.open_path(at(network, (200, 0), (200, 100)), 100.0)
    number, change = state.add(at(network, (250, 100)))
    assert (number, change.after.walk_m.tolist()) == (1, [100.0 + 100.0 + 50.0])
    assert state.close(number).after.walk_m.tolist() == [100.0 + 100.0 + 200.0]


def test_more_facilities_than_there_was_room_for_are_followed_all_the_same(line, monkeypatch):
    monkeypatch.setattr("gis_service.reach.what_if._ROOM", 1)
    state = WhatIf(line, at(line, (0, 0)), at(line, (1000, 0)))
    for x in (900, 800, 700):
        assert state.add(at(line, (x, 0)))[1].after.walk_m.tolist() == [float(x)]


def test_a_facility_that_is_closed_cannot_be_closed_or_moved(line):
    state = WhatIf(line, at(line, (0, 0)), at(line, (1000, 0)))
    state.close(0)
    for change in (lambda: state.close(0), lambda: state.move(0, at(line, (0, 0))), lambda: state.close(7)):
        with pytest.raises(ValueError, match="not open"):
            change()


def test_a_facility_moved_off_the_streets_serves_nobody_until_it_is_moved_back(line):
    state = WhatIf(line, at(line, (900, 0)), at(line, (0, 0)))
    number, _ = state.add(at(line, (1000, 0)))
    gone = state.move(number, at(line, (1000, 900)))
    assert (gone.after.owner.tolist(), gone.after.walk_m.tolist()) == ([0], [900.0])
    assert state.move(number, at(line, (1000, 950))).origin.tolist() == []
    back = state.move(number, at(line, (1000, 0)))
    assert (back.after.owner.tolist(), back.after.walk_m.tolist()) == ([number], [100.0])


def test_a_facility_off_the_streets_may_be_added_moved_and_closed(line):
    state = WhatIf(line, at(line, (900, 0)), at(line, (0, 900)))
    number, change = state.add(at(line, (500, 900)))
    assert change.origin.tolist() == []
    assert state.open_path(at(line, (0, 0), (900, 0)), 10.0).origin.tolist() == []
    assert state.move(0, at(line, (800, 0))).after.walk_m.tolist() == [100.0]
    assert state.close(number).origin.tolist() == []
    with pytest.raises(ValueError, match="not open"):
        state.move(number, at(line, (500, 0)))


def test_a_path_to_nowhere_is_refused(line):
    state = WhatIf(line, at(line, (0, 0)), at(line, (1000, 0)))
    with pytest.raises(ValueError, match="two ends"):
        state.open_path(at(line, (0, 0), (0, 5000)), 10.0)


def test_a_copy_changes_apart_from_what_it_was_copied_from(line):
    state = WhatIf(line, at(line, (100, 0), (900, 0)), at(line, (0, 0), (1000, 0)))
    other, third = state.copy(), state.copy()
    other.close(0)
    other.move(1, at(line, (500, 0)))
    third.open_path(at(line, (100, 0), (900, 0)), 10.0)
    number, _ = third.add(at(line, (900, 0)))
    assert other.walks.walk_m.tolist() == [400.0, 400.0]
    assert (number, third.walks.walk_m.tolist()) == (2, [10.0, 0.0])
    assert state.walks.walk_m.tolist() == [100.0, 100.0]
    assert state.close(0).after.walk_m.tolist() == [900.0]
