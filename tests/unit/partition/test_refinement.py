"""Refined plans: what is forced out of range has its witness, and what is not is in range."""

from dataclasses import replace

import numpy as np
import pytest

from gis_service.partition.bound_findings import NOT_IMPROVED, bound_findings, reasons
from gis_service.partition.refinement import PartBound, refine, share_in_range
from gis_service.partition.windows import grids_around, mend_exactly
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import bundles_of, lattice
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")


def refine_cells(cells, households, labels, *, locked=None, lines=()):
    return refine(
        bundles_of(cells, households, *lines),
        HOUSEHOLDS,
        labels=np.asarray(labels, dtype=np.int64),
        locked=np.full(len(cells), -1) if locked is None else np.asarray(locked, dtype=np.int64),
    )


@pytest.mark.parametrize(
    ("households", "forced", "witness"),
    [
        ([100, 250, 50, 300], 0, "none"),
        ([100, 100, 50], 1, "total"),
        ([600, 100, 250, 250], 1, "giants"),
        ([280, 290, 280], 2, "indivisible"),
        ([600, 10, 700], 2, "giants"),
    ],
)
def test_each_forced_miss_has_its_witness(households, forced, witness):
    n = len(households)
    (bound,) = refine_cells(lattice(n, 1), households, np.arange(n)).bounds
    assert (bound.missed, bound.forced, bound.witness, bound.proven) == (forced, forced, witness, True)


def test_a_plan_is_told_how_far_it_was_from_the_optimum():
    found = refine_cells(lattice(4, 2), [100] * 8, [0, 1, 0, 1, 0, 0, 1, 1])
    (bound,) = found.bounds
    assert found.labels.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert bound.proven
    assert bound.energy == pytest.approx(bound.least_energy)
    assert bound.heuristic_energy > bound.energy + 0.1


def test_given_grids_keep_their_label_and_their_units():
    found = refine_cells(
        lattice(6, 1), [100, 300, 0, 250, 200, 100], [3, 3, 2, 4, 5, 5], locked=[-1, -1, 2, -1, -1, -1]
    )
    assert found.labels.tolist() == [3, 3, 2, 4, 4, 4]
    assert [bound.units.tolist() for bound in found.bounds] == [[0, 1], [3, 4, 5]]
    assert found.bounds[1].missed == found.bounds[1].forced == 1


def test_the_share_counts_only_grids_that_are_not_forced_out():
    good = refine_cells(lattice(2, 1), [300, 400], [0, 1]).bounds
    forced = refine_cells(lattice(1, 1), [100], [0]).bounds
    assert share_in_range(good + forced) == 1.0
    assert np.isnan(share_in_range(forced))


def test_only_what_arithmetic_does_not_tell_is_a_finding():
    indivisible = refine_cells(lattice(3, 1), [280, 290, 280], [0, 1, 2]).bounds
    (finding,) = bound_findings(indivisible, ["u0001", "u0002", "u0003"])
    assert (finding.kind, finding.subject) == ("size_indivisible", "u0001")
    assert "3 个相连单元" in finding.zh
    assert not list(bound_findings(refine_cells(lattice(2, 1), [100, 100], [0, 1]).bounds, ["u0001", "u0002"]))


def bound_with(**known):
    unproven = PartBound(np.arange(2), 2, 2, 0, "none", 0.0, -np.inf, np.inf, proven=False, found=2)
    return replace(unproven, **known)


def told(bound):
    return reasons([bound], np.array([7, 8]))


def test_a_miss_nobody_proved_is_said_to_be_not_improved_so_far_and_how_many_are_forced():
    assert set(told(bound_with())) == {7, 8}
    assert "未证明不可避免" in told(bound_with())[7].zh
    assert "至少" not in told(bound_with())[7].zh
    assert "2 个不合规网格中，至少 1 个" in told(bound_with(forced=1, witness="giants"))[8].zh


def test_misses_are_said_to_be_counted_by_size_where_there_are_several():
    note = "按规模折算"
    assert note in told(bound_with(forced=2, witness="indivisible"))[7].zh
    assert note not in told(bound_with(missed=1, forced=1, witness="indivisible"))[7].zh
    assert note in told(bound_with(found=1))[7].zh
    assert told(bound_with())[7] == NOT_IMPROVED
    (finding,) = bound_findings([bound_with(forced=2, witness="indivisible")], ["u1", "u2"])
    assert note in finding.zh


def test_a_miss_that_could_be_avoided_names_the_price():
    assert "由 2 个减到 1 个，但更多住户会换网格" in told(bound_with(found=1))[7].zh


def test_a_proven_miss_is_not_said_to_be_open():
    assert "已逐一排除其他划法" in told(bound_with(forced=2, witness="indivisible"))[7].zh
    assert told(bound_with(forced=2, witness="giants")) == {}
    assert told(bound_with(missed=0)) == {}


def test_misses_are_proven_where_empty_land_makes_too_many_divisions_to_list():
    cells = lattice(8, 8)
    households = np.zeros(64, int)
    households[[0, 7, 56, 63]] = 280  # two are 560, three 840, four 1120: none in range, and no division of them
    (bound,) = refine_cells(cells, households, np.repeat([0, 1], 32)).bounds
    assert (bound.missed, bound.forced, bound.witness) == (2, 2, "indivisible")


def test_a_grid_out_of_range_in_a_large_part_is_mended_with_its_neighbours_only():
    cells = lattice(20, 6)
    households = np.full(120, 33)
    labels = np.array([c // 4 + 5 * (r // 3) for c, r in cells])
    problem = problem_of(cells, households, HOUSEHOLDS)
    assert (mend_exactly(problem, labels) == labels).all()
    labels[(labels == 0) & (np.array(cells)[:, 0] < 2)] = 10
    mended = mend_exactly(problem, labels)
    sums = np.bincount(mended, households)
    assert ((sums >= 300) & (sums <= 500)).all()
    assert len(np.unique(mended[labels == 4])) == 1


def test_grids_around_one_come_by_the_border_they_share():
    cells = lattice(3, 3)
    labels = np.array([0, 0, 1, 0, 2, 1, 3, 3, 3])
    problem = problem_of(cells, [100] * 9, HOUSEHOLDS)
    assert grids_around(problem, labels, 0, 3).tolist() == [0, 2, 1]
    assert sorted(grids_around(problem, labels, 0, 9).tolist()) == [0, 1, 2, 3]
