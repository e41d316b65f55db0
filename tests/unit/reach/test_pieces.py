import numpy as np
import pytest
import shapely

from gis_service.reach.laying import lay_out
from gis_service.reach.pieces import ALL, OWN, Walks, begin_survey, gather, scratch_for, streets_of
from gis_service.reach.search import Sources, Spots, new_search, spread, walks_to_spots
from gis_service.reach.snapping import snap
from gis_service.reach.times import sources

MAX_GAP_M = 150.0


@pytest.fixture
def crooked(streets):
    """Return a network of bent streets, some of which count more one way, and three stations, two on one street."""
    rng = np.random.default_rng(20261122)
    places = [tuple(place) for place in rng.uniform(0.0, 900.0, (16, 2))]
    joins = sorted({(min(i, j), max(i, j)) for i in range(16) for j in rng.choice(16, 2).tolist() if i != j})
    lines = {k: [places[i], tuple(rng.uniform(0.0, 900.0, 2)), places[j]] for k, (i, j) in enumerate(joins)}
    nodes, edges = streets.frames(places, joins, lines=lines)
    costs = {f"to_{end}_m": edges["length_m"] * rng.uniform(0.5, 2.0, len(edges)) for end in "uv"}
    network = streets.build(nodes, edges.assign(**costs))
    first = network.edge_geometry[0]
    at = [first.interpolate(share, normalized=True).coords[0] for share in (0.2, 0.8)]
    return network, snap(network, np.array([*at, (450.0, 450.0)]), max_gap_m=500.0)


def searched(network, targets):
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, np.inf)
    return Walks(search.field, targets)


def test_every_piece_that_is_nearest_to_any_ground_of_a_square_is_gathered(crooked):
    network, stations = crooked
    targets = sources(network, stations)
    streets, rng = streets_of(network, targets, MAX_GAP_M), np.random.default_rng(3)
    scratch, number = scratch_for(streets, targets), 0
    for x, y in rng.uniform(-400.0, 1300.0, (60, 2)):
        half_m = rng.uniform(5.0, 200.0)
        gathered = scratch.piece[: gather(streets, scratch, x, y, half_m)]
        assert len(set(gathered)) == len(gathered)
        ground = shapely.points(rng.uniform((x - half_m, y - half_m), (x + half_m, y + half_m), (40, 2)))
        distance_m = shapely.distance(network.edge_geometry[:, None], ground[None, :])
        within = distance_m.min(axis=0) <= MAX_GAP_M
        assert set(distance_m.argmin(axis=0)[within]) <= set(network.street_grid.line[gathered].tolist())
        number += np.count_nonzero(within)
    assert number > 500


def test_pieces_are_laid_out_once_between_facilities_with_the_walks_from_their_ends(crooked):
    network, stations = crooked
    targets = sources(network, stations)
    mine = Sources(*(column[targets.owner == 2] for column in targets))
    own, everybody = searched(network, mine), searched(network, targets)
    streets = streets_of(network, targets, MAX_GAP_M)
    scratch = scratch_for(streets, targets)
    begin_survey(scratch)
    laid = lay_out(streets, scratch, gather(streets, scratch, 450.0, 450.0, 2000.0), own, everybody).copy()
    again = lay_out(streets, scratch, gather(streets, scratch, 450.0, 450.0, 2000.0), own, everybody)
    assert laid.tolist() == again.tolist()
    pieces = sum(shapely.get_num_points(network.edge_geometry) - 1)
    assert len(laid) == pieces + len(stations)
    line, walk_m = scratch.pieces.line[laid], scratch.pieces.walk_m[laid]
    assert np.hypot(line[:, 2], line[:, 3]).sum() == pytest.approx(shapely.length(network.edge_geometry).sum())
    for end in range(2):
        ends = shapely.points(line[:, :2] + end * line[:, 2:4])
        # The street is that on which the middle of the piece lies.
        middles = shapely.points(line[:, :2] + 0.5 * line[:, 2:4])
        edge = shapely.distance(network.edge_geometry[:, None], middles[None, :]).argmin(axis=0)
        offset_m = shapely.line_locate_point(network.edge_geometry[edge], ends)
        spots = Spots(edge, offset_m, np.zeros(len(edge)))
        for first, walks in ((OWN, own), (ALL, everybody)):
            expected_m = walks_to_spots(spots, network.edges, walks.field, walks.targets).walk_m
            np.testing.assert_allclose(walk_m[:, first + end], expected_m, atol=1e-5)
