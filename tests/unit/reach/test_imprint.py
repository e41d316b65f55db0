import numpy as np
import pytest
import shapely

from gis_service.reach.imprint import FAR_M, MARGIN_M, imprint_of, press
from gis_service.reach.premises import premises_of
from gis_service.reach.raster import CELL_M, TILE, Tiles
from gis_service.reach.snapping import snap

TILES = Tiles(np.array([[0, 1], [-1, 2]]), 0.0, 0.0)
"""Three tiles of 320 m, none in the north-west."""


@pytest.fixture
def town(streets):
    """Return a courtyard and a point, both north of a street from west to east."""
    network = streets.network([(0, 20), (600, 20)], [(0, 1)])
    court = shapely.box(100, 100, 200, 200).difference(shapely.box(110, 110, 190, 190))
    geometries = np.array([court, shapely.Point(405, 85)], dtype=object)
    # The courtyard's people leave from its western wing.
    places = np.array([(105.0, 150.0), (405.0, 85.0)])
    return premises_of(network, geometries, places, snap(network, places, max_gap_m=500.0))


def excess_at(imprint, building, x, y):
    """Return the excess of the cell with a centre at a place; nan: the building does not touch it."""
    cells = slice(imprint.start[building], imprint.start[building + 1])
    here = (imprint.row[cells] == (y - 5) // CELL_M) & (imprint.column[cells] == (x - 5) // CELL_M)
    return imprint.excess_m[cells][here][0] if here.any() else np.nan


def test_cells_know_how_far_they_lie_beyond_the_margin(town):
    imprint = imprint_of(town, np.arange(2), TILES)
    assert excess_at(imprint, 0, 105, 105) == -FAR_M
    assert excess_at(imprint, 0, 215, 155) == 15.0 - MARGIN_M
    assert np.isnan(excess_at(imprint, 0, 225, 155))
    assert excess_at(imprint, 0, 125, 155) == 15.0 - MARGIN_M
    assert np.isnan(excess_at(imprint, 0, 145, 155))


def test_the_way_to_the_street_counts_like_the_building(town):
    imprint = imprint_of(town, np.arange(2), TILES)
    assert excess_at(imprint, 1, 405, 45) == -FAR_M
    assert excess_at(imprint, 1, 415, 45) == 10.0 - MARGIN_M
    assert excess_at(imprint, 1, 425, 45) == 20.0 - MARGIN_M
    assert np.isnan(excess_at(imprint, 1, 435, 45))


def test_every_cell_around_a_place_of_the_building_lies_within():
    assert np.hypot(CELL_M, CELL_M) < MARGIN_M


def test_only_the_buildings_named_are_printed(town):
    imprint = imprint_of(town, np.array([1]), TILES)
    assert imprint.start[:2].tolist() == [0, 0]
    assert imprint.start[2] == len(imprint.row) > 0


def test_pressing_lowers_the_cells_of_the_tiles_held_and_no_others(town):
    imprint = imprint_of(town, np.arange(2), TILES)
    number = np.array([[-1, 0]])
    excess_m = np.full((TILE + 2, 2 * TILE + 2), FAR_M)
    press(excess_m, np.zeros(excess_m.shape, bool), number, (0, 0), imprint, np.arange(2), (0, 0))
    assert (excess_m[:, : TILE + 1] == FAR_M).all()
    assert excess_m[1 + 4, 1 + 40] == -FAR_M
    assert (excess_m[[0, -1]] == FAR_M).all()
    before = excess_m.copy()
    press(excess_m, np.zeros(excess_m.shape, bool), number, (0, 0), imprint, np.arange(2), (0, 0))
    assert (excess_m == before).all()
