import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point

from gis_service.workflows.input_hash import frames_hash, walking_hash


def hash_of(*frames: pd.DataFrame) -> str:
    return frames_hash({}, [(frame, [name for name in frame if name != "geometry"]) for frame in frames])


def test_the_same_numbers_in_another_column_are_other_inputs():
    assert hash_of(pd.DataFrame({"id": ["x"], "cost": [100.0]})) != hash_of(
        pd.DataFrame({"id": ["x"], "capacity": [100.0]})
    )


def test_a_row_in_another_frame_is_another_input():
    one, other = pd.DataFrame({"id": ["a"]}), pd.DataFrame({"id": ["b"]})
    both, none = pd.DataFrame({"id": ["a", "b"]}), pd.DataFrame({"id": []}, dtype=object)
    assert len({hash_of(one, other), hash_of(both, none), hash_of(none, both), hash_of(both)}) == 4


def test_what_is_missing_is_not_an_empty_text():
    assert hash_of(pd.DataFrame({"name": [""]})) != hash_of(pd.DataFrame({"name": [None]}, dtype=object))


@pytest.mark.parametrize("mark", ["\x1f", "\n", ",", ":", "1:"])
def test_no_character_moves_the_border_of_two_values(mark):
    assert hash_of(pd.DataFrame({"a": [f"x{mark}"], "b": ["y"]})) != hash_of(
        pd.DataFrame({"a": ["x"], "b": [f"{mark}y"]})
    )


def test_the_order_of_rows_changes_nothing_and_a_repeated_row_does():
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(0, 0), None])
    assert hash_of(frame) == hash_of(frame[::-1])
    assert hash_of(frame) != hash_of(pd.concat([frame, frame[:1]]))
    assert hash_of(frame) != hash_of(frame.set_geometry([Point(0, 0), Point(0, 0)]))


@pytest.mark.parametrize(
    ("column", "other"),
    [("kind", "steps"), ("crossings", 2.0), ("signals", 1.0), ("slope_to_u", 0.1), ("name", "东街")],
)
def test_whatever_is_known_of_a_street_counts(column, other):
    nodes = gpd.GeoDataFrame({"node": [0, 1]}, geometry=[Point(0, 0), Point(9, 0)])
    edges = gpd.GeoDataFrame(
        {
            "u": [0],
            "v": [1],
            "length_m": [9.0],
            "kind": ["footway"],
            "name": [None],
            "crossings": [0.0],
            "signals": [0.0],
            "slope_to_u": [0.0],
        },
        geometry=[LineString([(0, 0), (9, 0)])],
    )
    people = gpd.GeoDataFrame(
        {"id": ["b"], "households": [1], "residents": [2], "community_code": ["c"]}, geometry=[Point(0, 0)]
    )
    stations = gpd.GeoDataFrame({"id": ["f"], "kind": ["red_station"]}, geometry=[Point(9, 0)])
    before = walking_hash({}, nodes, edges, people, stations)
    assert before == walking_hash({}, nodes, edges[edges.columns[::-1]], people, stations)
    assert before != walking_hash({}, nodes, edges.assign(**{column: [other]}), people, stations)
