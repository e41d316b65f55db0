import numpy as np
import pytest
import shapely

from gis_service.reach.raster import CELL_M, PAINTED_M, TILE, segments_of, street_raster


def around(network, edges):
    """Return the boxes around some edges."""
    return shapely.bounds(network.edge_geometry[edges]) + PAINTED_M * np.array([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture
def town(streets):
    """Return a network with a bend, a crossing, a parallel edge, a loop and a street without length."""
    places = [(0, 0), (400, 30), (410, 300), (90, 250), (90, 250), (700, 700)]
    joins = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (1, 2), (5, 5)]
    lines = {
        0: [(0, 0), (200, 80), (400, 30)],
        5: [(400, 30), (520, 160), (410, 300)],
        6: [(700, 700), (800, 700), (750, 800), (700, 700)],
    }
    return streets.network(places, joins, lines=lines)


def cells(raster):
    """Return the centre, edge, offset and gap of every cell held."""
    row, column = np.nonzero(raster.tiles.number >= 0)
    tile = raster.tiles.number[row, column]
    within = (np.arange(TILE) + 0.5) * CELL_M
    x = raster.tiles.x + column[:, None, None] * TILE * CELL_M + within[None, None, :]
    y = raster.tiles.y + row[:, None, None] * TILE * CELL_M + within[None, :, None]
    x, y = np.broadcast_arrays(x, y)
    return np.column_stack([x.ravel(), y.ravel()]), *(values[tile].ravel() for values in raster.spots)


def test_every_cell_knows_its_nearest_street_and_the_place_on_it(town):
    segments = segments_of(town)
    raster = street_raster(segments, around(town, slice(None)))
    xy, edge, offset_m, gap_m = cells(raster)
    points = shapely.points(xy)
    distance = shapely.distance(points[:, None], town.edge_geometry[None, :])
    near = distance.min(axis=1) <= PAINTED_M
    assert (edge >= 0).tolist() == near.tolist()
    np.testing.assert_allclose(gap_m[near], distance.min(axis=1)[near])
    lines = town.edge_geometry[edge[near]]
    np.testing.assert_allclose(shapely.distance(lines, points[near]), gap_m[near])
    on_line = shapely.line_interpolate_point(lines, offset_m[near])
    np.testing.assert_allclose(shapely.distance(on_line, points[near]), gap_m[near], atol=1e-3)


def test_metres_along_a_street_are_those_of_its_length(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)], length_m=[300.0])
    segments = segments_of(network)
    xy, edge, offset_m, _ = cells(street_raster(segments, around(network, slice(None))))
    beside = (edge == 0) & (xy[:, 0] > 0) & (xy[:, 0] < 100)
    np.testing.assert_allclose(offset_m[beside], 3.0 * xy[beside, 0])
    assert set(offset_m[(edge == 0) & (xy[:, 0] > 100)]) == {300.0}


def test_tiles_are_held_only_over_the_boxes_but_show_all_streets_there(streets):
    network = streets.network([(0, 0), (50, 0), (0, 40), (50, 40), (9000, 0), (9100, 0)], [(0, 1), (2, 3), (4, 5)])
    segments = segments_of(network)
    raster = street_raster(segments, around(network, slice(0, 1)))
    xy, edge, _, _ = cells(raster)
    assert set(edge) == {-1, 0, 1}
    assert xy[:, 0].max() < 1000


def test_cells_lie_on_one_lattice_whatever_is_asked_for(town):
    segments = segments_of(town)
    all_cells = cells(street_raster(segments, around(town, slice(None))))
    some_cells = cells(street_raster(segments, around(town, slice(6, 7))))
    known = {tuple(place): gap for place, gap in zip(np.round(all_cells[0], 6).tolist(), all_cells[3], strict=True)}
    assert all(
        known[tuple(xy)] == gap for xy, gap in zip(np.round(some_cells[0], 6).tolist(), some_cells[3], strict=True)
    )


def test_without_streets_no_tile_is_held(streets):
    network = streets.network([], [])
    raster = street_raster(segments_of(network), np.empty((0, 4)))
    assert raster.spots.edge.shape == (0, TILE, TILE)


def test_the_raster_holds_boxes_without_a_street(town):
    segments = segments_of(town)
    box = np.array([[2000.0, 2000.0, 2030.0, 2010.0]])
    raster = street_raster(segments, box)
    xy, edge, _, gap_m = cells(raster)
    held = shapely.contains_xy(shapely.box(*box[0]), xy)
    assert held.sum() == 3
    assert (edge[held] == -1).all()
    assert np.isinf(gap_m[held]).all()
