"""Existing grids laid over squares of 100 m."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.partition.existing_grids import labels_of_grids
from tests.unit.partition.lattices import CRS, lattice, units_frame

UNITS = units_frame(lattice(3, 1), [100, 100, 0])
BUILDINGS = gpd.GeoDataFrame(
    {"id": ["a", "b", "c"], "households": [60, 40, 100]},
    geometry=[shapely.box(10, -60, 20, -50), shapely.box(80, -60, 90, -50), shapely.box(150, -60, 160, -50)],
    crs=CRS,
)
UNIT_BUILDINGS = pd.DataFrame({"building_id": ["a", "b", "c"], "unit": [0, 0, 1]})


def grids(*boxes):
    return gpd.GeoDataFrame(
        {"code": [str(i) for i in range(len(boxes))]}, geometry=[shapely.box(*box) for box in boxes], crs=CRS
    )


def test_most_households_decide_and_then_most_land():
    given = grids((0, -100, 40, 0), (40, -100, 240, 0), (240, -100, 300, 0))
    assert labels_of_grids(UNITS, UNIT_BUILDINGS, BUILDINGS, given).tolist() == [0, 1, 2]


def test_units_outside_every_grid_had_none():
    assert labels_of_grids(UNITS, UNIT_BUILDINGS, BUILDINGS, grids((0, -100, 40, 0))).tolist() == [0, -1, -1]
    assert labels_of_grids(UNITS, UNIT_BUILDINGS, BUILDINGS, grids()).tolist() == [-1, -1, -1]


def test_the_order_of_buildings_does_not_matter():
    given = grids((0, -100, 40, 0), (40, -100, 300, 0))
    turned = BUILDINGS.iloc[::-1].reset_index(drop=True)
    expected = labels_of_grids(UNITS, UNIT_BUILDINGS, BUILDINGS, given)
    assert (labels_of_grids(UNITS, UNIT_BUILDINGS.iloc[::-1], turned, given) == expected).all()
    assert expected.dtype == np.int64
