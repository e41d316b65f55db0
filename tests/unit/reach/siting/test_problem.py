import numpy as np
import pytest
from scipy.sparse import csr_array

from gis_service.errors import InputError
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.watch import start_watch


def siting(objective, bound):
    nothing = np.zeros(0, np.int64)
    return Siting(nothing, np.zeros(0), np.zeros(0), objective, bound, 0.0, 0.0, 0.0, nothing, stopped_by_limit=False)


def test_the_gap_is_a_share_of_the_objective():
    assert siting(200.0, 190.0).gap == 0.05
    assert not siting(200.0, 190.0).proved_optimal
    assert siting(200.0, 200.0).proved_optimal
    assert siting(0.0, 0.0).gap == 0.0
    assert siting(0.0, -1.0).gap == np.inf


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"households": np.ones(3)}, "3 values of households instead of 2"),
        ({"candidate_ids": ("a",)}, "1 values of candidate_ids instead of 2"),
        ({"candidate_ids": ("a", "a")}, "same id"),
        ({"households": np.array([1.0, -1.0])}, "households"),
        ({"existing_walk_m": np.array([1.0, np.nan])}, "existing"),
        ({"walk_m": csr_array([[1.0, -2.0], [1.0, 1.0]])}, "walks"),
        ({"cost": np.array([1.0, 0.0])}, "costs"),
        ({"capacity": np.array([1.0, -1.0])}, "capacities"),
    ],
)
def test_data_that_do_not_fit_are_refused_by_name(wrong, told):
    fine = {
        "walk_m": csr_array([[1.0, 2.0], [3.0, 4.0]]),
        "households": np.ones(2),
        "existing_walk_m": np.full(2, np.inf),
        "candidate_ids": ("a", "b"),
    }
    with pytest.raises(InputError) as refused:
        SitingProblem(**(fine | wrong))
    assert told in refused.value.text.en


def test_a_negative_time_limit_is_refused():
    with pytest.raises(InputError, match="求解时限"):
        start_watch(-1.0, 0.0, None)
