import numpy as np
import pytest

from gis_service.reach.extents import reached_roots
from gis_service.reach.ground import survey
from gis_service.reach.lattice import BLOCK_M, CORNERS, LEVELS, SAMPLE_M, SHIFT_X, SHIFT_Y, SIDE, to_nearest, together
from gis_service.reach.pieces import Walks, scratch_for, streets_of
from gis_service.reach.search import Field, Sources, new_search, spread, walks_to_spots
from gis_service.reach.snapping import Snaps, snap, spots
from gis_service.reach.times import sources

ROUNDED_M = 1.5 * SAMPLE_M


@pytest.fixture
def town(streets):
    """Return a network with a bend, a street upon another, a loop, an island and a hill, and two stations on it."""
    places = [(0, 0), (400, 30), (410, 300), (90, 250), (700, 700), (210, 140), (260, 150)]
    joins = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 2), (4, 4), (5, 6), (0, 2)]
    lines = {
        0: [(0, 0), (200, 80), (400, 30)],
        5: [(700, 700), (800, 700), (750, 800), (700, 700)],
    }
    nodes, edges = streets.frames(places, joins, lines=lines)
    # Uphill costs more, downhill less; one street is closed one way.
    up, down = edges["length_m"] * 1.5, edges["length_m"] * 0.8
    up[3] = np.inf
    network = streets.build(nodes, edges.assign(to_u_m=down, to_v_m=up))
    return network, snap(network, np.array([(150.0, 65.0), (410.0, 310.0)]), max_gap_m=120.0)


def searched(network, targets, limit_m):
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, limit_m)
    return search


def surveyed(network, stations, cutoffs_m, max_gap_m=120.0):
    """Return the survey of the first station, and both searches."""
    targets = sources(network, stations)
    everybody = searched(network, targets, max(cutoffs_m) + SAMPLE_M)
    mine = np.flatnonzero(targets.owner == 0)
    own = Sources(*(column[mine] for column in targets))
    search = searched(network, own, max(cutoffs_m) + SAMPLE_M)
    streets = streets_of(network, targets, max_gap_m)
    xy = np.array([network.edge_geometry[own.edge[0]].interpolate(stations.fraction[0], normalized=True).coords[0]])
    roots = reached_roots(streets, network.rows, search, network.node_xy, own, xy, max(cutoffs_m))
    walks = Walks(search.field, own), Walks(everybody.field, targets)
    found = survey(streets, scratch_for(streets, targets), roots, *walks, np.array(cutoffs_m))
    return found, walks


def true_walks(network, walks, xy, max_gap_m=120.0):
    """Return the walk of each place as snapping and searching tell it, the way off the street rounded as documented."""
    snapped = snap(network, xy, max_gap_m=max_gap_m)
    rounded = np.where(snapped.gap_m < ROUNDED_M, snapped.gap_m**2 / ROUNDED_M, snapped.gap_m)
    places = spots(network, Snaps(snapped.edge, snapped.fraction, rounded))
    return walks_to_spots(places, network.edges, walks.field, walks.targets).walk_m


def lattice(row, column):
    """Return the samples of blocks, rows from the south."""
    s = np.arange(CORNERS**2)
    x = SHIFT_X + (np.asarray(column)[:, None] * SIDE + s % CORNERS) * SAMPLE_M
    y = SHIFT_Y + (np.asarray(row)[:, None] * SIDE + s // CORNERS) * SAMPLE_M
    return np.stack([x, y], axis=-1)


@pytest.mark.parametrize("cutoffs_m", [(90.0,), (150.0, 300.0), (60.0, 200.0, 900.0)])
def test_exactly_the_blocks_that_a_border_crosses_are_surveyed_with_their_walks(town, cutoffs_m):
    network, stations = town
    found, (own, everybody) = surveyed(network, stations, cutoffs_m)
    row, column = (axis.ravel() for axis in np.mgrid[-20:80, -20:80])
    xy = lattice(row, column)
    walk_m = true_walks(network, own, xy.reshape(-1, 2)).reshape(len(row), -1)
    crossed = np.zeros(len(row), bool)
    for cutoff_m in cutoffs_m:
        within = walk_m <= cutoff_m
        crossed |= within.any(axis=1) & ~within.all(axis=1)
    assert sorted(zip(found.row, found.column, strict=True)) == sorted(zip(row[crossed], column[crossed], strict=True))
    here = lattice(found.row, found.column).reshape(-1, 2)
    limit_m = max(cutoffs_m) + SAMPLE_M
    for told_m, walks in ((found.walk_m, own), (found.least_m, everybody)):
        expected_m = true_walks(network, walks, here)
        near = expected_m <= limit_m
        np.testing.assert_allclose(told_m.ravel()[near], expected_m[near], atol=1e-5)
        assert (told_m.ravel()[~near] > limit_m - 1e-5).all()


@pytest.mark.parametrize("seed", range(12))
def test_no_block_is_missed_around_crooked_streets_at_any_angle(streets, seed):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.0, 500.0, (24, 2))
    joins = sorted({(min(i, j), max(i, j)) for i in range(24) for j in rng.choice(24, 2).tolist() if i != j})
    nodes, edges = streets.frames([tuple(place) for place in places], joins)
    costs = {f"to_{end}_m": edges["length_m"] * rng.uniform(0.3, 2.0, len(edges)) for end in "uv"}
    costs["to_u_m"][rng.random(len(edges)) < 0.1] = np.inf
    network = streets.build(nodes, edges.assign(**costs))
    stations = snap(network, rng.uniform(0.0, 500.0, (3, 2)), max_gap_m=120.0)
    stations = Snaps(*(column[stations.edge >= 0] for column in vars(stations).values()))
    found, (own, _) = surveyed(network, stations, (80.0, 200.0, 350.0))
    row, column = (axis.ravel() for axis in np.mgrid[-40:80, -40:80])
    walk_m = true_walks(network, own, lattice(row, column).reshape(-1, 2)).reshape(len(row), -1)
    crossed = np.zeros(len(row), bool)
    for cutoff_m in (80.0, 200.0, 350.0):
        crossed |= (walk_m <= cutoff_m).any(axis=1) & (walk_m > cutoff_m).any(axis=1)
    assert sorted(zip(found.row, found.column, strict=True)) == sorted(zip(row[crossed], column[crossed], strict=True))


def test_blocks_of_several_surveys_come_once_from_south_to_north_and_tell_the_least_walk(town):
    network, stations = town
    one, _ = surveyed(network, stations, (150.0,))
    other, _ = surveyed(network, Snaps(*(column[::-1] for column in vars(stations).values())), (150.0,))
    one, other = (to_nearest(ground) for ground in (one, other))
    both = together([one, other, one])
    places = sorted({*zip(one.row, one.column, strict=True), *zip(other.row, other.column, strict=True)})
    assert list(zip(both.row, both.column, strict=True)) == places
    assert (both.walk_m == both.least_m).all()
    mine = dict(zip(zip(one.row, one.column, strict=True), one.walk_m, strict=True))
    assert all((least == mine.get(place, least)).all() for place, least in zip(places, both.walk_m, strict=True))
    within = both.walk_m <= 150.0
    assert (within.any(axis=1) & ~within.all(axis=1)).all()


def test_far_from_every_street_there_is_nothing_to_survey(town):
    network, stations = town
    targets = sources(network, stations)
    streets = streets_of(network, targets, 120.0)
    walks = Walks(searched(network, targets, 100.0).field, targets)
    found = survey(streets, scratch_for(streets, targets), np.array([[90, 90]]), walks, walks, np.array([100.0]))
    assert len(found.row) == 0


def test_a_search_is_surveyed_as_far_as_people_walk_downhill_and_no_farther(streets):
    nodes, edges = streets.frames([(0, 0), (4000, 0)], [(0, 1)])
    network = streets.build(nodes, edges.assign(to_u_m=[20000.0], to_v_m=[400.0]))
    targets = sources(network, snap(network, np.array([(3990.0, 0.0)]), max_gap_m=10.0))
    search = searched(network, targets, 100.0)
    roots = reached_roots(
        streets_of(network, targets, 50.0),
        network.rows,
        search,
        network.node_xy,
        targets,
        np.array([(3990.0, 0.0)]),
        100.0,
    )
    x = SHIFT_X + (roots[:, 1] + np.array([[0.0], [1.0]])) * BLOCK_M * 2**LEVELS
    assert x[0].min() <= 2990.0 - 50.0
    assert x[0].min() >= 2500.0
    assert x[1].max() >= 4000.0


def test_a_facility_beyond_the_cut_off_reaches_no_ground(town):
    network, stations = town
    far = Snaps(stations.edge, stations.fraction, np.array([100.0, 100.0]))
    targets = sources(network, far)
    search = searched(network, targets, 50.0)
    xy = np.zeros((2, 2))
    roots = reached_roots(streets_of(network, targets, 120.0), network.rows, search, network.node_xy, targets, xy, 50.0)
    assert roots.shape == (0, 2)


def test_walks_of_a_search_that_is_everybodys_are_the_same(town):
    network, stations = town
    alone = Snaps(*(column[:1] for column in vars(stations).values()))
    found, (own, everybody) = surveyed(network, alone, (200.0,))
    assert isinstance(own.field, Field)
    assert (own.field.walk_m == everybody.field.walk_m).all()
    assert (found.walk_m == found.least_m).all()
