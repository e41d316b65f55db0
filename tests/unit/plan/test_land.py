"""The land of drafts: which borders lead around rivers, railways and expressways."""

import numpy as np

from gis_service.plan.land import LEAK_M, open_borders


def test_borders_are_open_off_barriers_for_five_metres_and_where_none_runs_along():
    length_m = np.array([0.0, 3.0, 100.0, 100.0, 100.0])
    barrier_m = np.array([0.0, 0.0, 100.0, 100.0 - LEAK_M, 96.0])
    assert open_borders(length_m, barrier_m).tolist() == [True, True, False, True, False]
