import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.reach.costs import counted_facts, edge_costs, signal_wait_s, tobler, walking_network, with_costs
from gis_service.reach.network import build_network
from gis_service.reach.profile import PACES, STEPS_FACTORS, WalkingProfile
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility


@pytest.fixture
def road(streets):
    """Return a street of 100 m, stairs of 50 m with a slope, and a street of 100 m with a crossing and two signals."""
    nodes, edges = streets.frames([(0, 0), (100, 0), (150, 0), (250, 0)], [(0, 1), (1, 2), (2, 3)])
    edges["kind"] = ["residential", "steps", None]
    edges["crossings"], edges["signals"] = [0.0, 0.0, 1.0], [0.0, 0.0, 2.0]
    edges["slope_to_u"], edges["slope_to_v"] = [np.nan, 0.9, 0.9], [np.nan, 3.0, 1.5]
    return nodes, edges


def test_without_a_choice_only_lengths_count(road):
    for speed_m_per_s in PACES.values():
        profile = WalkingProfile(speed_m_per_s)
        assert profile.plain
        costs = edge_costs(road[1], profile)
        assert costs.to_u_m.tolist() == costs.to_v_m.tolist() == [100.0, 50.0, 100.0]


def test_stairs_count_as_so_many_times_their_length(road):
    costs = edge_costs(road[1], WalkingProfile(steps_factor=STEPS_FACTORS["stairway"]))
    assert costs.to_u_m.tolist() == costs.to_v_m.tolist() == [100.0, 100.0, 100.0]


def test_waits_count_as_the_way_one_would_have_gone(road):
    costs = edge_costs(road[1], WalkingProfile(speed_m_per_s=0.8, crossing_s=5.0, signal_s=20.0))
    assert costs.to_v_m.tolist() == [100.0, 50.0, 100.0 + 0.8 * (5.0 + 40.0)]
    assert costs.to_u_m.tolist() == costs.to_v_m.tolist()


def test_slopes_count_each_way_and_stairs_by_the_greater_factor(road):
    costs = edge_costs(road[1], WalkingProfile(steps_factor=2.0, slope="tobler"))
    # Stairs that climb: 3 times up; down the stairs' own factor of 2.
    assert costs.to_v_m.tolist() == pytest.approx([100.0, 150.0, 150.0])
    assert costs.to_u_m.tolist() == pytest.approx([100.0, 100.0, 90.0])


def test_the_walk_uphill_is_longer_than_the_walk_back(road):
    nodes, edges = road
    network = build_network(nodes, with_costs(edges, WalkingProfile(slope="tobler")), min_component_m=0.0)
    ends = snap(network, np.array([[0.0, 0.0], [250.0, 0.0]]), max_gap_m=1.0)
    bottom, top = (type(ends)(ends.edge[[i]], ends.fraction[[i]], ends.gap_m[[i]]) for i in (0, 1))
    assert nearest_facility(network, bottom, top)[1] == pytest.approx(100 + 150 + 150, abs=1e-5)
    assert nearest_facility(network, top, bottom)[1] == pytest.approx(90 + 45 + 100, abs=1e-5)


def test_tobler_is_fastest_at_five_per_cent_downhill():
    slope = np.linspace(-1, 1, 2001)
    factor = tobler(slope)
    assert slope[factor.argmin()] == pytest.approx(-0.05)
    assert tobler(np.array([0.0, -0.05, 0.1, -0.1])) == pytest.approx([1.0, np.exp(-0.175), np.exp(0.35), 1.0])
    assert np.isnan(tobler(np.array([np.nan]))[0])


@pytest.mark.parametrize(
    ("cycle_s", "walk_s", "wait_s"), [(90.0, 30.0, 20.0), (60.0, 60.0, 0.0), (60.0, 0.0, 30.0), (120.0, 20.0, 125 / 3)]
)
def test_the_mean_wait_at_signals(cycle_s, walk_s, wait_s):
    assert signal_wait_s(cycle_s, walk_s) == pytest.approx(wait_s)


@pytest.mark.parametrize(("cycle_s", "walk_s"), [(0.0, 0.0), (60.0, 61.0), (60.0, -1.0), (np.nan, 1.0), (np.inf, 1.0)])
def test_signals_that_cannot_be_are_refused(cycle_s, walk_s):
    with pytest.raises(InputError, match="信号周期"):
        signal_wait_s(cycle_s, walk_s)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"speed_m_per_s": 0.0}, "步行速度"),
        ({"speed_m_per_s": 5.0}, "步行速度"),
        ({"steps_factor": 0.5}, "台阶系数"),
        ({"crossing_s": -1.0}, "过街等候"),
        ({"signal_s": np.nan}, "信号灯等候"),
        ({"signal_s": np.inf}, "信号灯等候"),
        ({"slope": "steep"}, "坡度的算法“steep”应是 off、tobler 之一"),
    ],
)
def test_profiles_that_mean_nothing_are_refused(values, said):
    with pytest.raises(InputError, match=said):
        WalkingProfile(**values)
    with pytest.raises(InputError, match=said):
        ReachRules(**values)


def test_the_network_of_plain_rules_needs_lengths_only(road):
    nodes, edges = road
    network = walking_network(nodes, edges[["u", "v", "length_m", "geometry"]], ReachRules())
    assert network.plain
    assert network.alike_both_ways
    steps = walking_network(nodes, edges, ReachRules(steps_factor=2.0))
    assert not steps.plain
    assert steps.alike_both_ways
    assert not walking_network(nodes, edges, ReachRules(slope="tobler")).alike_both_ways


def test_slopes_without_any_height_are_refused(road):
    nodes, edges = road
    level = edges.assign(slope_to_u=np.nan, slope_to_v=np.nan)
    with pytest.raises(InputError, match="路网没有高程，无法计坡度"):
        walking_network(nodes, level, ReachRules(slope="tobler"))


def test_what_counts_is_told_with_how_much_there_is_of_it(road):
    assert counted_facts(road[1], WalkingProfile()) == {}
    everything = WalkingProfile(steps_factor=2.0, crossing_s=5.0, signal_s=20.0, slope="tobler")
    assert counted_facts(road[1], everything) == {
        "steps_m": 50.0,
        "crossings": 1.0,
        "signals": 2.0,
        "heights_share": pytest.approx(150 / 250),
    }
    assert everything.described().zh == "台阶按 2 倍长度、过街每处 5 秒、信号灯每处 20 秒、坡度按 Tobler 函数"
    assert WalkingProfile(0.8).described().zh == ""
