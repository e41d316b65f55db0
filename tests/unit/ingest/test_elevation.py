from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from gis_service.errors import InputError
from gis_service.geo.crs import to_stored
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.elevation import read_heights, with_slopes
from gis_service.reach.costs import tobler

CRS = "EPSG:4549"
WEST, SOUTH = 521000.0, 3023000.0
CORNER = np.array([WEST, SOUTH])
HEAD = "ncols {columns}\nnrows {rows}\nxllcorner {west}\nyllcorner {south}\ncellsize {step}\nNODATA_value -9999\n"


@pytest.fixture
def grid(tmp_path):
    """Return a writer of grids of 10 m cells around the corner, the northern row first."""

    def write(rows, head=HEAD, crs=CRS, step=10.0, **changes):
        values = {"columns": len(rows[0]), "rows": len(rows), "west": WEST, "south": SOUTH, "step": step} | changes
        path = tmp_path / "dem.asc"
        path.write_text(head.format(**values) + "\n".join(" ".join(map(str, row)) for row in rows))
        return FileSpec("elevation", path, path.name, crs, values.get("datum"), None, MappingProxyType({}))

    return write


def streets(*lines, structure=None):
    shapes = [LineString([(WEST + x, SOUTH + y) for x, y in line]) for line in lines]
    columns = {"structure": structure or [None] * len(lines), "slope_to_u": np.nan, "slope_to_v": np.nan}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def ramp(columns=20, rows=4, rise=1.0):
    """Return heights that rise so many metres a cell towards the east."""
    return [[rise * column for column in range(columns)] for _ in range(rows)]


def test_heights_between_the_middles_of_cells_are_bilinear(grid):
    heights = read_heights(grid([[0, 10], [20, 40]]))
    places = np.array([[5, 5], [15, 5], [5, 15], [10, 5], [10, 10], [15, 15]]) + CORNER
    assert heights.at(places).tolist() == [20, 40, 0, 30, 17.5, 10]


def test_there_is_no_height_outside_the_middles_nor_beside_a_missing_one(grid):
    heights = read_heights(grid([[0, 10, -9999], [20, 40, 50]]))
    places = np.array([[4, 5], [15, 16], [20, 10], [15, 10], [20, 5]]) + CORNER
    assert np.isnan(heights.at(places)).tolist() == [True, True, True, False, False]


def test_a_grid_may_give_the_middle_of_its_first_cell(grid):
    head = HEAD.replace("corner", "center").replace("cellsize {step}", "dx {step}\ndy 20")
    heights = read_heights(grid([[0, 10], [20, 40]], head))
    assert heights.at(np.array([[WEST, SOUTH], [WEST, SOUTH + 20]])).tolist() == [20, 0]


def test_an_even_slope_costs_by_tobler_in_each_direction(grid):
    edges, notes = with_slopes(streets([(10, 20), (110, 20)]), grid(ramp()))
    assert notes == ()
    assert edges["slope_to_v"].tolist() == pytest.approx(tobler(np.array([0.1])).tolist())
    assert edges["slope_to_u"].tolist() == pytest.approx(tobler(np.array([-0.1])).tolist())


def test_a_hill_between_two_junctions_of_one_height_counts(grid):
    hill = [[5.0 - abs(column - 5) for column in range(11)]] * 4
    edges, _ = with_slopes(streets([(5, 20), (105, 20)]), grid(hill))
    up, down = tobler(np.array([0.1, -0.1]))
    assert edges["slope_to_v"][0] == pytest.approx((up + down) / 2)


@pytest.mark.parametrize("structure", ["bridge", "tunnel"])
def test_bridges_and_tunnels_rise_evenly_whatever_the_ground_does(grid, structure):
    valley = [[10.0, 10.0, *[0.0] * 7, 15.0, 15.0]] * 4
    edges, _ = with_slopes(
        streets([(15, 20), (95, 20)], [(15, 20), (95, 20)], structure=[structure, None]), grid(valley)
    )
    assert edges["slope_to_v"][0] == pytest.approx(tobler(np.array([5 / 80]))[0])
    assert edges["slope_to_v"][1] > 2 * edges["slope_to_v"][0]


def test_streets_outside_the_grid_have_no_slope_and_are_told(grid):
    edges, notes = with_slopes(streets([(10, 20), (110, 20)], [(10, 20), (10, 300)]), grid(ramp()))
    assert np.isnan(edges["slope_to_u"]).tolist() == [False, True]
    assert [note.en for note in notes] == ["1 of 2 streets have no height; they count as level"]


def test_heights_in_degrees_are_found_too(grid):
    line = to_stored(streets([(0, 0), (100, 0)])).total_bounds
    step = (line[2] - line[0]) / 10
    spec = grid(ramp(), west=line[0] - step, south=line[1] - 2 * step, step=step, crs="EPSG:4326")
    edges, _ = with_slopes(streets([(10, 0), (90, 0)]), spec)
    assert edges["slope_to_v"][0] == pytest.approx(tobler(np.array([0.1]))[0], rel=1e-3)


def test_heights_on_the_maps_datum_lie_elsewhere(grid):
    line = to_stored(streets([(0, 0), (100, 0)])).total_bounds
    step = (line[2] - line[0]) / 10
    spec = grid(ramp(), west=line[0] - step, south=line[1] - 2 * step, step=step, crs=None, datum="gcj02")
    with pytest.raises(InputError, match="没有一条道路落在高程范围内"):
        with_slopes(streets([(10, 0), (90, 0)]), spec)


def test_a_grid_without_a_coordinate_system_is_refused(grid):
    with pytest.raises(InputError, match="没有坐标系"):
        read_heights(grid(ramp(), crs=None))


@pytest.mark.parametrize(
    "head",
    [
        "no grid at all\n",
        HEAD.replace("ncols {columns}", "ncols 7"),
        HEAD.replace("cellsize {step}\n", ""),
        HEAD.replace("cellsize {step}", "cellsize 0"),
        HEAD.replace("xllcorner {west}\n", ""),
        HEAD.replace("nrows {rows}", "nrows many"),
    ],
)
def test_what_is_no_whole_grid_is_refused(grid, head):
    with pytest.raises(InputError, match="不是完整的 ESRI ASCII 栅格"):
        read_heights(grid(ramp(), head))


def test_a_row_too_short_is_refused(grid):
    with pytest.raises(InputError, match="不是完整的 ESRI ASCII 栅格"):
        read_heights(grid([[1, 2, 3], [1, 2], [1, 2, 3]]))


def test_heights_in_another_unit_are_refused(grid):
    with pytest.raises(InputError, match="检查单位"):
        read_heights(grid([[12_000, 13_000], [12_000, 13_000]]))
