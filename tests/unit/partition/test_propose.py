"""A proposed plan: units, grids and what could not be done as the rules wish."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.partition.community import CommunityInput
from gis_service.partition.propose import propose
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import CRS, SIDE_M, barriers, lattice, squares, units_frame

CODE = "350982001007"


def buildings_frame(cells, households, residents=None, estate_id=None):
    """Return one building of 20 m in the middle of each cell."""
    n = len(cells)
    centres = shapely.get_coordinates(shapely.centroid(squares(cells)))
    unknown = pd.array([pd.NA] * n, dtype="Int64")
    return gpd.GeoDataFrame(
        {
            "id": np.array([f"b{i:03d}" for i in range(n)], dtype=object),
            "households": np.asarray(households, dtype=np.int64),
            "residents": unknown if residents is None else pd.array(residents, dtype="Int64"),
            "elderly": unknown,
            "children": unknown,
            "floors": unknown,
            "estate_id": np.array([None] * n if estate_id is None else estate_id, dtype=object),
        },
        geometry=[shapely.box(x - 10, y - 10, x + 10, y + 10) for x, y in centres],
        crs=CRS,
    )


def community_of(cells, households, *, residents=None, estate_id=None, lines=(), kind="river", rules=None):
    empty = gpd.GeoDataFrame({"code": [], "name": [], "id": []}, geometry=[], crs=CRS)
    return CommunityInput(
        code=CODE,
        name="镇边社区",
        geometry=shapely.union_all(squares(cells)),
        buildings=buildings_frame(cells, households, residents, estate_id),
        barriers=barriers(*lines, kind=kind),
        estates=empty,
        special=empty,
        rules=rules or Rules(),
    )


def propose_cells(cells, households, *, special=None, estate_id=None, residents=None, seed=1, **more):
    """Return the plan over one unit a cell."""
    units = units_frame(cells, households, residents=residents, special=special, estate_id=estate_id)
    given = SimpleNamespace(
        units=units,
        unit_buildings=pd.DataFrame({"building_id": [f"b{i:03d}" for i in units["unit"]], "unit": units["unit"]}),
    )
    community = community_of(cells, households, residents=residents, estate_id=estate_id, **more)
    return propose(community, given, seed=seed)


def kinds_of(plan):
    return [finding.kind for finding in plan.findings]


def test_a_community_is_cut_assigned_numbered_and_summed_up():
    cells = lattice(6, 4)
    community = community_of(cells, [60] * 24, residents=[180] * 24)
    plan = propose(community)
    assert plan.grids["status"].tolist() == ["normal"] * len(plan.grids)
    assert plan.grids["households"].sum() == 24 * 60
    assert plan.grids["residents"].sum() == 24 * 180
    assert sorted(plan.unit_buildings["building_id"]) == sorted(community.buildings["id"])
    assert plan.grids["code"].tolist() == [f"{CODE}{i:03d}" for i in range(1, len(plan.grids) + 1)]
    assert shapely.union_all(plan.grids.geometry.to_numpy()).equals(community.geometry)
    sums = plan.units["households"].groupby(plan.labels).sum()
    assert sums.tolist() == plan.grids["households"].tolist()
    assert plan.findings == ()


def test_the_plan_does_not_depend_on_the_order_of_the_rows():
    cells = lattice(5, 4)
    rng = np.random.default_rng(2)
    community = community_of(cells, rng.integers(20, 120, 20), lines=(((-10.0, -200.0), (510.0, -200.0)),), kind="road")
    shuffled = CommunityInput(
        **{**vars(community), "buildings": community.buildings.sample(frac=1.0, random_state=1).reset_index(drop=True)}
    )
    first, second = propose(community, seed=3), propose(shuffled, seed=3)
    assert first.grids.geometry.to_wkb().tolist() == second.grids.geometry.to_wkb().tolist()
    pd.testing.assert_frame_equal(first.grids.drop(columns="geometry"), second.grids.drop(columns="geometry"))
    assert first.findings == second.findings


def test_a_special_grid_is_kept_and_has_no_size_test():
    special = [None, "农贸市场", None, None]
    plan = propose_cells(lattice(4, 1), [400, 7, 200, 200], special=special, rules=Rules(basis="households"))
    market = plan.grids[plan.grids["kind"] == "special"]
    assert market["name"].tolist() == ["农贸市场"]
    assert market["status"].tolist() == ["special"]
    assert market["households"].tolist() == [7]
    assert plan.labels.tolist() == [0, 1, 2, 2]
    assert plan.findings == ()


def test_a_community_without_households_is_one_empty_grid_and_a_note_says_so():
    plan = propose_cells(lattice(3, 1), [0, 0, 0])
    assert plan.grids["status"].tolist() == ["empty"]
    assert [(finding.kind, finding.severity) for finding in plan.findings] == [("no_households", "note")]
    assert "过小" not in plan.findings[0].zh


def test_land_without_households_behind_a_special_grid_is_told_once_and_not_called_too_small():
    plan = propose_cells(lattice(3, 1), [400, 5, 0], special=[None, "市场", None], rules=Rules(basis="households"))
    assert plan.grids["status"].tolist() == ["normal", "special", "empty"]
    told = [(finding.kind, finding.severity, finding.subject) for finding in plan.findings]
    assert told == [("no_households", "note", f"{CODE}003")]
    assert "自成一个网格" in plan.findings[0].zh


def test_a_total_that_fits_no_number_of_grids_is_a_finding_with_the_total():
    plan = propose_cells(lattice(3, 1), [200, 200, 150], rules=Rules(basis="households"))
    assert kinds_of(plan) == ["grid_large", "size_impossible"]
    large, impossible = plan.findings
    assert impossible.subject == CODE
    assert "中全部土地合计 550 户" in impossible.zh
    assert impossible.en.startswith("all land in community")
    assert "550 households" in impossible.en
    assert "合计也不能合规" in large.zh


@pytest.mark.parametrize("basis", ["either", "residents"])
def test_a_building_with_unknown_residents_leaves_the_others_judged_by_theirs(basis):
    plan = propose_cells(lattice(2, 1), [250, 300], residents=[1100, None], rules=Rules(basis=basis))
    assert plan.grids["status"].tolist() == ["normal", "normal"]
    assert kinds_of(plan) == ["residents_unknown"]


def test_dormitories_without_households_are_grids_by_their_residents():
    alone = propose_cells(lattice(1, 1), [0], residents=[1200])
    assert (alone.grids["status"].tolist(), kinds_of(alone)) == (["normal"], [])
    many = propose_cells(lattice(4, 3), [0] * 12, residents=[600] * 12)
    assert many.grids["status"].tolist() == ["normal"] * 6


def test_a_building_above_the_maximum_is_the_witness_of_its_grid():
    plan = propose_cells(lattice(3, 1), [400, 900, 400], rules=Rules(basis="households"))
    assert kinds_of(plan) == ["building_too_large", "grid_large"]
    building, grid = plan.findings
    assert building.subject == "b001"
    assert "900 户" in building.zh
    assert grid.subject == f"{CODE}002"
    assert "楼栋 b001 一栋就已超过上限" in grid.zh


def test_a_miss_that_arithmetic_does_not_explain_is_proven_by_exhaustion():
    plan = propose_cells(lattice(2, 1), [350, 270], rules=Rules(basis="households"))
    assert kinds_of(plan) == ["grid_small", "size_indivisible"]
    assert "已逐一排除其他划法" in plan.findings[0].zh
    assert "every other division was ruled out" in plan.findings[0].en
    assert "every other division was ruled out" in plan.findings[1].en
    assert plan.bounds[0].forced == plan.bounds[0].missed == 1


def test_an_estate_that_would_fit_into_one_grid_but_is_split_is_reported():
    estate = ["e1", None, None, None, "e1"]
    plan = propose_cells(lattice(5, 1), [200, 200, 400, 200, 200], estate_id=estate, rules=Rules(basis="households"))
    assert kinds_of(plan) == ["estate_split"]
    assert plan.findings[0].subject == "e1"
    assert "400 户" in plan.findings[0].zh


def test_an_estate_too_large_for_one_grid_may_be_split():
    plan = propose_cells(lattice(2, 1), [400, 400], estate_id=["e1", "e1"], rules=Rules(basis="households"))
    assert len(plan.grids) == 2
    assert plan.findings == ()


def test_a_grid_on_both_sides_of_a_river_is_reported_with_the_length_of_the_river():
    river = ((SIDE_M, 10.0), (SIDE_M, -110.0))
    plan = propose_cells(lattice(2, 1), [200, 200], lines=(river,), rules=Rules(basis="households"))
    assert kinds_of(plan) == ["straddling"]
    assert "100 米" in plan.findings[0].zh


def test_a_grid_may_reach_into_a_bend_of_the_river_without_homes():
    river = ((SIDE_M, 10.0), (SIDE_M, -110.0))
    plan = propose_cells(lattice(2, 1), [400, 0], lines=(river,), rules=Rules(basis="households"))
    assert len(plan.grids) == 1
    assert [(finding.kind, finding.severity) for finding in plan.findings] == [("land_across", "note")]


def test_unknown_residents_are_noted_once_unless_households_are_the_basis():
    plan = propose_cells(lattice(4, 1), [200] * 4)
    assert [(finding.kind, finding.severity) for finding in plan.findings] == [("residents_unknown", "note")]
    assert propose_cells(lattice(4, 1), [200] * 4, rules=Rules(basis="households")).findings == ()
