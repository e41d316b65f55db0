from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, MultiLineString, Point

from gis_service.errors import InputError
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.street_frames import EDGE_COLUMNS
from gis_service.ingest.streets import read_streets

CRS = "EPSG:4549"
WEST, SOUTH = 521000.0, 3023000.0


def line(*places):
    return LineString([(WEST + x, SOUTH + y) for x, y in places])


@pytest.fixture
def read(tmp_path):
    """Return a reader of lines in metres that go through a file first."""

    def through_a_file(geometry, suffix=".gpkg", crs=CRS, **columns):
        path = tmp_path / f"streets{suffix}"
        frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)
        if suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_crs("EPSG:4326").to_file(path) if suffix == ".geojson" else frame.to_file(path)
        declared = "EPSG:4326" if suffix == ".geojson" else crs
        return read_streets(FileSpec("streets", path, path.name, declared, None, None, MappingProxyType({})), CRS)

    return through_a_file


TEE = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((100, 0), (100, 80))]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".parquet"])
def test_lines_meet_where_their_ends_are_the_same(read, suffix):
    nodes, edges, notes = read(TEE, suffix)
    assert notes == ()
    assert nodes["node"].tolist() == [0, 1, 2, 3]
    assert edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 2], [1, 3]]
    assert edges["length_m"].tolist() == pytest.approx([100, 80, 100], abs=1e-4)
    assert edges.columns.tolist() == [*EDGE_COLUMNS, "geometry"]


def test_ends_meet_within_a_centimetre_and_not_beyond(read):
    near = [line((0, 0), (100, 0)), line((100.004, 0), (200, 0)), line((100.02, 0), (100.02, 80))]
    nodes, edges, _ = read(near)
    assert len(nodes) == 5
    assert edges["length_m"].round(3).tolist() == [100.0, 99.996, 80.0]


def test_node_ids_decide_where_they_are_given(read):
    # A bridge: the ends of the third street lie on the first, but its ids say that it passes above.
    lines = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((100, 0), (100, 80))]
    nodes, edges, _ = read(lines, u=["7", "8", "20"], v=["8", "9", "21"])
    assert len(nodes) == 5
    # Ids are numbered as text: 20, 21, 7, 8, 9.
    assert edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [2, 3], [3, 4]]


def test_lines_drawn_against_their_ids_are_turned_round(read):
    lines = [line((0, 0), (100, 0)), line((200, 0), (100, 0)), line((100, 0), (100, 80)), line((200, 0), (300, 0))]
    nodes, edges, notes = read(lines, u=["a", "b", "b", "c"], v=["b", "c", "d", "e"])
    assert notes == ()
    at = shapely.get_coordinates(nodes.geometry.to_numpy())
    shape = edges.geometry.to_numpy()
    np.testing.assert_allclose(at[edges["u"]], shapely.get_coordinates(shapely.get_point(shape, 0)))
    np.testing.assert_allclose(at[edges["v"]], shapely.get_coordinates(shapely.get_point(shape, -1)))
    assert at[1].tolist() == [WEST + 100, SOUTH]


def test_given_lengths_are_kept_and_missing_ones_measured(read):
    edges = read(TEE, length_m=[150.0, None, 80.0])[1]
    assert sorted(edges["length_m"]) == [80.0, 100.0, 150.0]


@pytest.mark.parametrize(
    "foot",
    [
        [True, False, True],
        ["yes", "no", "designated"],
        ["1", "0", "1"],
        [1, 0, 1],
        ["是", "否", "是"],
        ["yes", "private", None],
    ],
)
def test_streets_without_foot_access_are_left_out(read, foot):
    _, edges, notes = read(TEE, foot=foot)
    assert edges["length_m"].tolist() == [100.0, 80.0]
    assert [note.severity for note in notes] == ["notice"]
    assert "1 of 3" in notes[0].en


def test_motorways_are_left_out_unless_foot_says_otherwise(read):
    _, edges, _ = read(TEE, highway=["residential", "motorway", "trunk"], foot=[None, None, "yes"])
    assert edges["kind"].tolist() == ["residential", "trunk"]


def test_kind_and_name_come_along(read):
    _, edges, _ = read(TEE, highway=["residential", "steps", None], name=["东街", None, None])
    assert edges["kind"].tolist() == ["residential", None, "steps"]
    assert edges["name"].tolist() == ["东街", None, None]


def test_chinese_headers_are_understood(read):
    _, edges, _ = read(
        TEE, 道路类型=["residential"] * 3, 路名=["东街"] * 3, 长度=[101.0, 102.0, 83.0], 可步行=["是", "是", "否"]
    )
    assert edges["length_m"].tolist() == [101.0, 102.0]
    assert edges["name"].tolist() == ["东街", "东街"]


def test_a_line_in_touching_parts_is_one_edge(read):
    parts = MultiLineString([line((0, 0), (50, 0)), line((50, 0), (100, 0))])
    nodes, edges, notes = read([parts])
    assert notes == ()
    assert len(nodes) == 2
    assert edges["length_m"].tolist() == [100.0]


def test_a_line_in_separate_parts_is_taken_apart_with_its_share_of_the_length(read):
    parts = MultiLineString([line((0, 0), (50, 0)), line((70, 0), (100, 0))])
    nodes, edges, notes = read([parts], length_m=[160.0])
    assert len(nodes) == 4
    assert edges["length_m"].tolist() == [100.0, 60.0]
    assert [note.severity for note in notes] == ["repaired"]


def test_a_line_in_separate_parts_stays_one_edge_where_its_ids_say_so(read):
    parts = MultiLineString([line((0, 0), (50, 0)), line((70, 0), (100, 0))])
    nodes, edges, notes = read([parts], u=["a"], v=["b"])
    assert len(nodes) == 2
    assert edges["length_m"].tolist() == [100.0]
    assert [note.severity for note in notes] == ["repaired"]


def test_rows_without_a_geometry_are_dropped_and_told(read):
    _, edges, notes = read([*TEE, None])
    assert len(edges) == 3
    assert [(note.severity, note.row) for note in notes] == [("dropped", 4)]


def test_points_without_length_are_dropped_unless_they_join_two_nodes(read):
    dot = line((100, 0), (100, 0))
    _, edges, notes = read([*TEE, dot])
    assert len(edges) == 3
    assert [(note.severity, note.row) for note in notes] == [("dropped", 4)]
    _, edges, notes = read([*TEE, dot], u=["a", "e", "b", "b"], v=["b", "c", "d", "e"])
    assert 0.0 in edges["length_m"].tolist()
    assert notes == ()


def test_ends_far_from_others_of_the_same_id_are_told(read):
    lines = [*TEE, line((106, 0), (100, -90))]
    _, _, notes = read(lines, u=["a", "b", "b", "b"], v=["b", "c", "d", "e"])
    assert [(note.severity, note.row) for note in notes] == [("notice", 4)]
    lines[3] = line((104, 0), (100, -90))
    assert read(lines, u=["a", "b", "b", "b"], v=["b", "c", "d", "e"])[2] == ()


def test_a_length_below_the_straight_line_is_told(read):
    _, edges, notes = read(TEE, length_m=[60.0, 100.0, 80.0])
    assert 60.0 in edges["length_m"].tolist()
    assert [(note.severity, note.row) for note in notes] == [("notice", 1)]


def test_lengths_in_kilometres_are_refused(read):
    with pytest.raises(InputError, match="单位应为米"):
        read(TEE, length_m=[0.1, 0.1, 0.08])


def test_a_negative_length_is_refused(read):
    with pytest.raises(InputError, match="第 2 个要素的“length_m”为负数"):
        read(TEE, length_m=[100.0, -1.0, 80.0])


def test_an_unknown_word_for_foot_is_refused(read):
    with pytest.raises(InputError, match="maybe"):
        read(TEE, foot=["yes", "maybe", "no"])


def test_a_missing_node_id_is_refused(read):
    with pytest.raises(InputError, match="第 2 个要素的“u”为空"):
        read(TEE, u=["a", None, "b"], v=["b", "c", "d"])


def test_one_node_column_alone_is_not_used_and_told(read):
    nodes, _, notes = read(TEE, u=["a", "b", "c"])
    assert len(nodes) == 4
    assert [note.severity for note in notes] == ["notice"]


def test_points_are_no_streets(read):
    with pytest.raises(InputError, match="图形应为线"):
        read([Point(WEST, SOUTH)])


def test_a_file_without_a_walkable_street_is_refused(read):
    with pytest.raises(InputError, match="没有一条可步行的道路"):
        read(TEE, foot=[False, False, False])


def test_the_order_of_rows_does_not_matter(read):
    lines = [
        line((0, 0), (100, 0)),
        line((200, 0), (100, 0)),
        line((100, 0), (100, 80)),
        line((0, 0), (50, 9), (100, 0)),
    ]
    columns = {"u": ["a", "b", "b", "a"], "v": ["b", "c", "d", "b"], "name": ["1", "2", "3", "4"]}
    order = [2, 3, 0, 1]
    turned = {name: [values[i] for i in order] for name, values in columns.items()}
    for plain, shuffled in zip(read(lines, **columns)[:2], read([lines[i] for i in order], **turned)[:2], strict=True):
        assert_geodataframe_equal(plain, shuffled)
