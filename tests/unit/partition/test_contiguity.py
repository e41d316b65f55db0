"""The neighbourhood graph of units: a row of squares, barriers on and off their borders, islands."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.partition.contiguity import unit_graph


def units(*polygons):
    return gpd.GeoDataFrame({"unit": range(len(polygons))}, geometry=list(polygons), crs="EPSG:4549")


def barriers(*rows):
    return gpd.GeoDataFrame(
        {
            "kind": pd.Series([kind for kind, _ in rows], dtype=object),
            "name": pd.Series([None] * len(rows), dtype=object),
        },
        geometry=[line for _, line in rows],
        crs="EPSG:4549",
    )


def square(column, row, side=100):
    return shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side)


def edges(graph):
    source = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    return list(zip(source.tolist(), graph.neighbour.tolist(), strict=True))


def test_neighbours_share_border_and_corners_do_not_count():
    graph = unit_graph(units(square(0, 0), square(1, 0), square(0, 1), square(1, 1)), barriers())
    assert edges(graph) == [(0, 1), (0, 2), (1, 0), (1, 3), (2, 0), (2, 3), (3, 1), (3, 2)]
    assert graph.start.tolist() == [0, 2, 4, 6, 8]
    assert graph.length_m.tolist() == [100.0] * 8
    assert not graph.bridge.any()
    assert graph.start.dtype == graph.neighbour.dtype == np.int32


@pytest.mark.parametrize("kind", ["river", "railway", "expressway"])
def test_a_border_along_a_hard_barrier_counts_as_barrier_and_as_followed(kind):
    line = shapely.LineString([(100.5, -50), (100.5, 150)])
    graph = unit_graph(units(square(0, 0), square(1, 0)), barriers((kind, line)))
    assert graph.barrier_m.tolist() == [100.0, 100.0]
    assert graph.follow_m.tolist() == [100.0, 100.0]


@pytest.mark.parametrize("kind", ["road", "wall"])
def test_a_border_along_a_road_or_wall_is_followed_but_no_barrier(kind):
    line = shapely.LineString([(100, 0), (100, 100)])
    graph = unit_graph(units(square(0, 0), square(1, 0)), barriers((kind, line)))
    assert graph.barrier_m.tolist() == [0.0, 0.0]
    assert graph.follow_m.tolist() == [100.0, 100.0]


def test_outlines_of_estates_are_followed_where_they_are_given_as_lines():
    wall = np.array([square(0, 0).boundary], dtype=object)
    graph = unit_graph(units(square(0, 0), square(1, 0), square(2, 0)), barriers(), wall)
    assert graph.follow_m.tolist() == [100.0, 100.0, 0.0, 0.0]
    assert graph.barrier_m.tolist() == [0.0] * 4


def test_a_border_a_little_beside_a_barrier_does_not_follow_it():
    line = shapely.LineString([(101.1, -50), (101.1, 150)])
    graph = unit_graph(units(square(0, 0), square(1, 0)), barriers(("river", line)))
    assert graph.follow_m.tolist() == [0.0, 0.0]


def test_the_outline_of_a_river_is_what_counts():
    river = shapely.box(100, -10, 130, 110)
    banks = units(square(0, 0), shapely.box(100, 0, 130, 100), shapely.box(130, 0, 200, 100))
    graph = unit_graph(banks, barriers(("river", river)))
    assert edges(graph) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert graph.barrier_m.tolist() == [100.0] * 4


def test_islands_hang_on_bridges_between_the_nearest_units():
    island = shapely.box(350, 0, 400, 100)
    graph = unit_graph(units(island, square(0, 0), square(1, 0), square(2, 0)), barriers())
    assert edges(graph) == [(0, 3), (1, 2), (2, 1), (2, 3), (3, 0), (3, 2)]
    assert graph.bridge.tolist() == [True, False, False, False, True, False]
    assert graph.length_m.tolist() == [0.0, 100.0, 100.0, 100.0, 0.0, 100.0]


def test_several_islands_need_one_bridge_less_than_there_are_parts():
    graph = unit_graph(units(square(0, 0), square(2, 0), square(9, 0), square(9, 3)), barriers())
    assert edges(graph) == [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]
    assert graph.bridge.all()


def test_one_unit_has_no_neighbours():
    graph = unit_graph(units(square(0, 0)), barriers(("road", shapely.LineString([(0, 50), (100, 50)]))))
    assert graph.start.tolist() == [0, 0]
    assert graph.neighbour.tolist() == []
