import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.reach.siting.cover import set_cover


def test_two_sites_in_the_middle_of_each_half_cover_the_street(line_town):
    problem = line_town([0, 100, 200, 500, 600, 700], [0, 100, 200, 600, 700])
    found = set_cover(problem, cutoff_m=100.0)
    assert found.chosen.tolist() == [1, 3]
    assert (found.objective, found.bound) == (2.0, 2.0)
    assert found.gain.tolist() == [3.0, 3.0]
    assert (found.covered_before, found.covered_after) == (0.0, 6.0)
    assert found.proved_optimal
    assert not found.stopped_by_limit


def test_two_cheap_sites_beat_a_dear_one_in_the_middle(line_town):
    problem = line_town([0, 100, 200], [0, 100, 200], cost=[2, 5, 2])
    assert sorted(set_cover(problem, cutoff_m=100.0).chosen) == [0, 2]
    assert set_cover(problem, cutoff_m=100.0).objective == 4.0


def test_what_is_covered_already_needs_no_site(line_town):
    problem = line_town([0, 100, 600], [0, 600], existing=[50])
    found = set_cover(problem, cutoff_m=100.0)
    assert found.chosen.tolist() == [1]
    assert (found.covered_before, found.covered_after) == (2.0, 3.0)


def test_demand_that_no_site_covers_is_told(line_town):
    problem = line_town([0, 3000, 4000], [0], households=[1, 1, 0])
    found = set_cover(problem, cutoff_m=100.0)
    assert found.uncoverable.tolist() == [1]
    assert found.chosen.tolist() == [0]


def test_the_cut_off_is_inclusive(line_town):
    assert set_cover(line_town([0], [100]), cutoff_m=100.0).covered_after == 1.0
    assert set_cover(line_town([0], [100]), cutoff_m=np.nextafter(100.0, 0.0)).covered_after == 0.0


def test_the_fewest_that_cover_a_share_serve_the_crowd_first(line_town):
    problem = line_town([0, 1000, 2000], [0, 1000, 2000], households=[10, 70, 20])
    assert set_cover(problem, cutoff_m=100.0, share=0.7).chosen.tolist() == [1]
    assert set_cover(problem, cutoff_m=100.0, share=0.71).objective == 2.0
    assert set_cover(problem, cutoff_m=100.0, share=0.9).chosen.tolist() == [1, 2]
    assert set_cover(problem, cutoff_m=100.0, share=0.0).chosen.tolist() == []


def test_a_share_that_cannot_be_reached_is_refused_with_the_share_that_can(line_town):
    problem = line_town([0, 1000], [0], households=[30, 70])
    with pytest.raises(InputError) as refused:
        set_cover(problem, cutoff_m=100.0, share=0.5)
    assert "30.0%" in refused.value.text.zh
    with pytest.raises(InputError, match="0 与 1"):
        set_cover(problem, cutoff_m=100.0, share=1.5)


def test_of_equal_sites_the_first_by_id_is_taken(line_town):
    problem = line_town([0, 10], [5, 5, 5], ids=["c", "a", "b"])
    assert set_cover(problem, cutoff_m=100.0).chosen.tolist() == [1]


def test_a_site_that_is_full_needs_another_beside_it(line_town):
    problem = line_town([0], [0, 50], households=[10], capacity=[6, 6])
    found = set_cover(problem, cutoff_m=100.0)
    assert sorted(found.chosen) == [0, 1]
    assert found.covered_after == pytest.approx(10.0)
    assert set_cover(problem, cutoff_m=100.0, share=0.6).objective == 1.0
    with pytest.raises(InputError, match="无法达到"):
        set_cover(line_town([0], [0], households=[10], capacity=[6]), cutoff_m=100.0, share=0.7)


def test_progress_ends_with_the_answer(line_town):
    told = []
    problem = line_town(range(0, 2000, 50), range(0, 2000, 70))
    found = set_cover(problem, cutoff_m=130.0, progress=lambda best, bound: told.append((best, bound)))
    assert told[-1] == (found.objective, found.bound)
    assert all(bound <= best for best, bound in told)


def test_one_missing_household_is_told_and_never_rounded_away(line_town):
    problem = line_town([0, 1000], [0], households=[9999, 1])
    with pytest.raises(InputError) as refused:
        set_cover(problem, cutoff_m=100.0, share=1.0)
    assert "只能覆盖 99.9% 的户数，还差 1 户" in refused.value.text.zh
    assert "1 too few" in refused.value.text.en


def test_without_any_candidate_the_refusal_asks_for_some(line_town):
    with pytest.raises(InputError) as refused:
        set_cover(line_town([0], []), cutoff_m=100.0, share=0.5)
    assert "没有任何候选点" in refused.value.text.zh
    assert "--spacing" in refused.value.text.zh
    assert "--candidates" in refused.value.text.zh
