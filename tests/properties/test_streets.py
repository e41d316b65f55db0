"""Squares and drawn paths against what must hold whatever their shape."""

import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.ingest.osm_squares import sight_lines
from gis_service.ingest.path_joins import JOIN_M, join_paths

RADII = st.lists(st.floats(10.0, 100.0), min_size=4, max_size=12)


@settings(deadline=None, max_examples=60)
@given(RADII, st.data())
def test_ways_across_a_square_are_the_shortest_inside_it(radii, data):
    """A star-shaped square: the kept lines and its outline against lines of sight between all of its vertices."""
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    xy = np.column_stack([np.cos(angle), np.sin(angle)]) * np.array(radii)[:, None]
    shape = shapely.Polygon(xy)
    entrance = np.array(data.draw(st.lists(st.booleans(), min_size=len(xy), max_size=len(xy))))
    outline = [(i, (i + 1) % len(xy)) for i in range(len(xy))]
    ground = shape.buffer(0.01)
    every = [(i, j) for i in range(len(xy)) for j in range(i) if ground.covers(shapely.LineString(xy[[i, j]]))]
    kept, whole = (
        nx.Graph([(i, j, {"weight": float(np.hypot(*(xy[i] - xy[j])))}) for i, j in (*lines, *outline)])
        for lines in (sight_lines(shape, xy, entrance), every)
    )
    for i in np.flatnonzero(entrance).tolist():
        shortest = nx.single_source_dijkstra_path_length(whole, i)
        found = nx.single_source_dijkstra_path_length(kept, i)
        for j in np.flatnonzero(entrance).tolist():
            # A line along the outline may cut a corner of it by as much as counts as touching.
            assert found[j] <= shortest[j] + 0.1
            assert found[j] >= shortest[j] - 1e-9


PLACE = st.tuples(st.floats(0, 200).map(lambda x: round(x, 3)), st.floats(0, 100).map(lambda y: round(y, 3)))
PATHS = st.lists(st.lists(PLACE, min_size=2, max_size=4, unique=True), min_size=1, max_size=5)


@settings(deadline=None, max_examples=80)
@given(PATHS)
def test_streets_that_are_cut_keep_their_shape_and_ends_near_them_join(paths):
    nodes = np.array([[0.0, 0.0], [200.0, 0.0], [0.0, 100.0], [200.0, 100.0]])
    streets = np.array([shapely.LineString(nodes[:2]), shapely.LineString(nodes[2:])], dtype=object)
    drawn = np.array([shapely.LineString(path) for path in paths], dtype=object)
    joined = join_paths(nodes, (np.array([0, 2]), np.array([1, 3])), streets, drawn)
    np.testing.assert_array_equal(joined.node_xy[:4], nodes)
    for piece in joined.pieces:
        np.testing.assert_allclose(piece.places[0], joined.node_xy[piece.u], atol=1e-9)
        np.testing.assert_allclose(piece.places[-1], joined.node_xy[piece.v], atol=1e-9)
    for i, street in enumerate(streets):
        lengths = [shapely.LineString(piece.places).length for piece in joined.pieces if piece.line == i]
        np.testing.assert_allclose(sum(lengths), street.length, atol=1e-5)
    # Every path is still there, and no end of it moved farther than it may.
    for k, path in enumerate(drawn):
        own = [piece.places for piece in joined.pieces if piece.line == 2 + k]
        if path.length > 3 * JOIN_M:
            assert own
            for end, place in ((path.coords[0], own[0][0]), (path.coords[-1], own[-1][-1])):
                assert np.hypot(*np.subtract(end, place)) <= len(paths) * JOIN_M + 1e-6
