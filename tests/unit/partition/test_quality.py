import numpy as np
import pytest

from gis_service.partition.following import following
from gis_service.partition.quality import Quality, quality_of
from gis_service.plan.grids import grids_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, lattice, units_frame
from tests.unit.partition.test_propose import community_of

RULES = Rules(households_min=300, households_max=500, basis="households")


def quality(cells, households, labels, *lines, **columns):
    units = units_frame(cells, households, **columns)
    grids, _ = grids_of(units, np.asarray(labels), "350981001001", RULES)
    return quality_of(grids, community_of(cells, households, lines=lines, kind="road"))


def test_sums_are_those_of_the_grids_with_people():
    road = [(2 * SIDE_M, 0), (2 * SIDE_M, -SIDE_M)]
    found = quality(lattice(4, 2), [100, 100, 50, 50, 100, 100, 50, 50], [0, 0, 1, 1, 0, 0, 1, 1], road)
    assert (found.grids, found.in_range, found.households) == (2, 1, 600)
    assert found.inner_m == pytest.approx(2 * SIDE_M)
    assert found.share_on_lines == pytest.approx(0.5)
    assert found.mean_compactness == pytest.approx(np.pi / 4)
    assert found.imbalance == pytest.approx(100 / 300)


def test_special_and_empty_grids_do_not_count():
    found = quality(lattice(3, 1), [400, 50, 0], [0, 1, 2], special=[None, "市场", None])
    assert (found.grids, found.in_range, found.households) == (1, 1, 400)
    assert found.inner_m == 0.0
    assert np.isnan(found.share_on_lines)


def test_qualities_add_up():
    one = quality(lattice(2, 1), [400, 350], [0, 1])
    two = quality(lattice(2, 1), [200, 450], [0, 1])
    both = one + two
    assert (both.grids, both.in_range) == (4, 3)
    assert both.imbalance == pytest.approx(np.std([400, 350, 200, 450]) / np.mean([400, 350, 200, 450]))
    assert (Quality() + one) == one
    assert one.as_dict()["share_in_range"] == 1.0


def test_only_what_can_be_read_by_itself_is_published():
    published = quality(lattice(2, 1), [400, 350], [0, 1]).as_dict()
    assert published["mean_compactness"] == pytest.approx(np.pi / 4)
    assert "compactness" not in published
    assert "squared_households" not in published


def test_a_plan_follows_lines_as_far_as_its_drawn_borders_do():
    cells, road = lattice(4, 2), [(2 * SIDE_M + 1.4, 0), (2 * SIDE_M + 1.4, -2 * SIDE_M)]
    found = quality(cells, [100] * 8, [0, 0, 1, 1, 0, 0, 1, 1], road)
    assert found.share_on_lines == 1.0
    units = units_frame(cells, [100] * 8)
    grids, _ = grids_of(units, np.array([0, 0, 1, 1] * 2), "350981001001", RULES)
    drawn = following(grids, community_of(cells, [100] * 8, lines=[road], kind="road"))
    assert (found.inner_m, found.on_lines_m) == (drawn.inner_m, drawn.on_lines_m)


def test_nothing_is_worth_nothing_known():
    assert all(np.isnan(Quality().as_dict()[name]) for name in ("share_in_range", "imbalance", "mean_compactness"))
