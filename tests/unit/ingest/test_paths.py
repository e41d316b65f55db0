from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, Point

from gis_service.errors import InputError
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.paths import with_paths
from gis_service.ingest.street_frames import network_frames
from gis_service.reach.network import build_network

CRS = "EPSG:4549"
WEST, SOUTH = 521000.0, 3023000.0


def line(*places):
    return LineString([(WEST + x, SOUTH + y) for x, y in places])


def town():
    """Return two parallel streets of 200 m, 100 m apart, that meet nowhere; the first is said to be 220 m long."""
    lines = np.array([line((0, 0), (200, 0)), line((0, 100), (200, 100))], dtype=object)
    nodes = np.array([[WEST, SOUTH], [WEST + 200, SOUTH], [WEST, SOUTH + 100], [WEST + 200, SOUTH + 100]])
    columns = {
        "u": np.array([0, 2]),
        "v": np.array([1, 3]),
        "length_m": np.array([220.0, 200.0]),
        "kind": np.array(["residential", "residential"], dtype=object),
        "name": np.array(["南街", "北街"], dtype=object),
        "signals": np.array([2.0, 0.0]),
    }
    return network_frames(nodes, columns, lines, CRS)


@pytest.fixture
def draw(tmp_path):
    """Return a function that draws paths into a file and joins them to the town's streets."""

    def drawn(*lines, **columns):
        path = tmp_path / "paths.gpkg"
        gpd.GeoDataFrame(columns, geometry=list(lines), crs=CRS).to_file(path)
        spec = FileSpec("paths", path, path.name, CRS, None, None, MappingProxyType({}))
        nodes, edges, notes = with_paths(*town(), spec)
        return nodes, edges, notes

    return drawn


def shapes(edges):
    """Return the edges as places from the corner."""
    return sorted([(round(x - WEST, 3), round(y - SOUTH, 3)) for x, y in edge.coords] for edge in edges.geometry)


def test_a_path_between_two_streets_cuts_both_where_it_joins(draw):
    nodes, edges, notes = draw(line((50, 0), (50, 100)), name=["园中路"])
    assert notes == ()
    assert shapes(edges) == [
        [(0, 0), (50, 0)],
        [(0, 100), (50, 100)],
        [(50, 0), (50, 100)],
        [(50, 0), (200, 0)],
        [(50, 100), (200, 100)],
    ]
    assert len(nodes) == 6
    drawn = edges[edges["origin"] == "drawn"]
    assert drawn[["kind", "name", "length_m"]].to_numpy().tolist() == [["path", "园中路", 100.0]]
    assert len(build_network(nodes, edges, min_component_m=0.0).component_length_m) == 1


def test_streets_that_are_cut_keep_what_they_are_and_share_their_length(draw):
    _, edges, _ = draw(line((50, 0), (50, 40)))
    south = edges[edges["name"] == "南街"].sort_values("length_m")
    assert south["length_m"].tolist() == [55.0, 165.0]
    assert south["signals"].tolist() == [0.5, 1.5]
    assert south["origin"].tolist() == ["streets", "streets"]
    assert edges[edges["name"] == "北街"]["length_m"].tolist() == [200.0]


@pytest.mark.parametrize(("gap_m", "joins"), [(4.9, True), (5.1, False)])
def test_an_end_near_a_street_is_drawn_up_to_it(draw, gap_m, joins):
    _, edges, notes = draw(line((50, 60), (50, gap_m)))
    drawn = edges[edges["origin"] == "drawn"]
    assert drawn["length_m"].tolist() == pytest.approx([60.0 if joins else 60.0 - gap_m])
    assert [note.row for note in notes] == ([] if joins else [1])


def test_near_a_junction_a_path_joins_the_junction(draw):
    nodes, edges, _ = draw(line((0.4, 0), (0.4, 50)))
    assert len(nodes) == 5
    assert [(0, 0), (0.4, 50)] in shapes(edges)
    assert len(edges) == 3


def test_a_vertex_on_a_street_joins_and_a_mere_crossing_does_not(draw):
    nodes, edges, _ = draw(line((50, -40), (50, 0), (50, 40)))
    assert len(edges) == 5
    assert len(build_network(nodes, edges, min_component_m=0.0).component_length_m) == 2
    nodes, edges, notes = draw(line((50, -40), (50, 40)))
    assert len(edges) == 3
    assert [note.severity for note in notes] == ["notice"]


def test_drawn_paths_join_each_other(draw):
    # A path from the south, a branch that ends 2 m beside its middle, and one that goes on from its end to the north.
    paths = line((50, 0), (50, 50)), line((52, 20), (90, 20)), line((51, 52), (60, 100))
    nodes, edges, notes = draw(*paths)
    assert notes == ()
    assert len(build_network(nodes, edges, min_component_m=0.0).component_length_m) == 1
    assert [(50, 0), (50, 20)] in shapes(edges)
    assert [(50, 20), (50, 50)] in shapes(edges)


def test_a_gate_is_a_short_line_through_the_wall(draw):
    _, edges, _ = draw(line((50, 8), (50, 60)), line((50, 2), (50, 8)), kind=["小路", "大门"])
    drawn = edges[edges["origin"] == "drawn"].sort_values("kind")
    assert drawn["kind"].tolist() == ["gate", "path"]
    assert drawn["length_m"].tolist() == pytest.approx([8.0, 52.0])


def test_a_gate_close_to_the_street_still_lies_between_the_street_and_the_path(draw):
    nodes, edges, notes = draw(line((50, 4), (50, 60)), line((50, 1), (50, 4)), kind=["path", "gate"])
    assert notes == ()
    drawn = edges[edges["origin"] == "drawn"].sort_values("kind")
    assert drawn["length_m"].tolist() == pytest.approx([4.0, 56.0])
    assert len(build_network(nodes, edges, min_component_m=0.0).component_length_m) == 2


def test_of_a_short_path_on_its_own_one_end_joins(draw):
    _, edges, _ = draw(line((50, 1), (50, 4)))
    assert edges[edges["origin"] == "drawn"]["length_m"].tolist() == [4.0]


def test_a_path_between_two_drawn_ones_only_is_told(draw):
    _, _, notes = draw(line((50, 0), (50, 40)), line((80, 30), (120, 30)), line((80, 30), (80, 60)))
    assert [(note.severity, note.row) for note in notes] == [("notice", 2)]
    assert "2, 3" in notes[0].en


def test_a_loop_from_a_street_back_to_its_own_beginning_is_one_edge(draw):
    nodes, edges, notes = draw(line((50, 0), (60, 30), (40, 30), (50, 0)))
    assert notes == ()
    loop = edges[edges["origin"] == "drawn"]
    assert loop["u"].tolist() == loop["v"].tolist()
    assert len(nodes) == 5


def test_the_order_of_paths_and_their_direction_do_not_matter_for_what_joins(draw):
    paths = [line((50, 0), (50, 50)), line((52, 20), (90, 20)), line((51, 52), (60, 100)), line((51, 51), (20, 60))]
    for plain, shuffled in zip(draw(*paths)[:2], draw(*paths[::-1])[:2], strict=True):
        assert_geodataframe_equal(plain, shuffled)


def test_points_are_no_paths(draw):
    with pytest.raises(InputError, match="图形应为线"):
        draw(Point(WEST, SOUTH))


def test_an_unknown_kind_is_refused(draw):
    with pytest.raises(InputError, match="tunnel boring"):
        draw(line((50, 0), (50, 40)), kind=["tunnel boring"])


def test_paths_of_another_city_are_refused(draw):
    with pytest.raises(InputError, match="公里"):
        draw(line((50_000, 0), (50_000, 40)))
