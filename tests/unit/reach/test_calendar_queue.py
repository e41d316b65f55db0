import numpy as np
import pytest

from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility


@pytest.mark.parametrize("far_m", [1e6, 1e9])
def test_streets_much_longer_than_the_others_are_walked_exactly(streets, far_m):
    places = [(x, 0) for x in range(0, 500, 10)] + [(900, 0), (910, 0)]
    joins = [(i, i + 1) for i in range(len(places) - 1)]
    length_m = [10.0] * 49 + [far_m, 10.0]
    network = streets.network(places, joins, length_m=length_m)
    origins, facilities = (snap(network, np.array([xy], float), max_gap_m=5.0) for xy in ((910, 0), (0, 0)))
    owner, walk_m = nearest_facility(network, origins, facilities)
    assert (owner.tolist(), walk_m.tolist()) == ([0], [490.0 + far_m + 10.0])
