import geopandas as gpd
import numpy as np
from shapely import LineString

WEST, SOUTH = 521000.0, 3023000.0
STREETS = '[files.streets]\npath = "streets.gpkg"\ncrs = "EPSG:4549"\n'
PATHS = '[files.paths]\npath = "paths.gpkg"\ncrs = "EPSG:4549"\n'
HEIGHTS = '[files.elevation]\npath = "dem.asc"\ncrs = "EPSG:4549"\n'


def write_lines(town, name, *lines, **columns):
    shapes = [LineString([(WEST + x, SOUTH + y) for x, y in line]) for line in lines]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=town.crs).to_file(town.folder / name)


def test_drawn_paths_join_the_streets_and_slopes_reach_both(town):
    write_lines(town, "streets.gpkg", [(0, 200), (800, 200)])
    write_lines(town, "paths.gpkg", [(400, 200), (400, 300)], kind=["gate"])
    # The ground rises by 1 m in 10 m towards the north.
    rows = [" ".join([str(100 - 5 * row)] * 20) for row in range(12)]
    head = f"ncols 20\nnrows 12\nxllcorner {WEST - 50}\nyllcorner {SOUTH - 100}\ncellsize 50\n"
    (town.folder / "dem.asc").write_text(head + "\n".join(rows))
    frames = town.read(extra=STREETS + PATHS + HEIGHTS)
    edges = frames.edges.sort_values(["origin", "length_m"])
    assert edges["origin"].tolist() == ["drawn", "streets", "streets"]
    assert edges["kind"].tolist() == ["gate", None, None]
    gate = edges.iloc[0]
    both_ways = sorted([gate["slope_to_u"], gate["slope_to_v"]])
    np.testing.assert_allclose(both_ways, [1.0, np.exp(3.5 * 0.1)])  # 10 % downhill is as quick as level ground
    np.testing.assert_allclose(edges[["slope_to_u", "slope_to_v"]].iloc[1:], 1.0)


def test_a_network_that_ends_at_the_town_is_told(town):
    write_lines(town, "streets.gpkg", [(0, 200), (800, 200)])
    notes = [note.zh for note in town.read(extra=STREETS).notes if note.file == "streets.gpkg"]
    assert len(notes) == 1
    assert "延伸不足 1 公里" in notes[0]


def test_a_network_that_goes_on_beyond_the_town_is_not(town):
    ring = [(-2000, -2000), (2800, -2000), (2800, 2400), (-2000, 2400), (-2000, -2000)]
    write_lines(town, "streets.gpkg", [(0, 200), (800, 200)], ring)
    assert [note for note in town.read(extra=STREETS).notes if note.file == "streets.gpkg"] == []
