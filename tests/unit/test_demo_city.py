"""The demo city: what it promises to be, and that the committed files are what its program writes."""

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "boundaries" / "demo"
KINDS = ("regions", "buildings", "estates", "barriers", "streets", "facilities", "plan")
FIFTEEN_MINUTES_M = 900.0
ENDINGS = r"(社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|村|街道|路|街|巷)$"


def read(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    return {kind: gpd.read_file(folder / f"{kind}.gpkg") for kind in KINDS}


@pytest.fixture(scope="module")
def city() -> dict[str, gpd.GeoDataFrame]:
    return read(COMMITTED)


@pytest.fixture(scope="module")
def communities(city):
    return city["regions"].query("level == 'community'")


@pytest.fixture(scope="module")
def walkable(city):
    return city["streets"].query("foot")


@pytest.fixture(scope="module")
def river(city):
    return city["barriers"].query("kind == 'river' and name == '汐江'").geometry.iloc[0]


def test_the_program_writes_the_committed_city(tmp_path, city):
    program = REPOSITORY / "scripts" / "make_demo_city.py"
    subprocess.run([sys.executable, program, "--seed", "1", "--to", tmp_path], check=True, capture_output=True)
    assert (tmp_path / "dataset.toml").read_bytes() == (COMMITTED / "dataset.toml").read_bytes()
    for kind, written in read(tmp_path).items():
        committed = city[kind]
        assert written.crs == committed.crs
        pd.testing.assert_frame_equal(
            pd.DataFrame(written.drop(columns="geometry")), pd.DataFrame(committed.drop(columns="geometry"))
        )
        assert shapely.equals_exact(written.geometry.array, committed.geometry.array, tolerance=0.002).all(), kind


def test_the_files_are_small():
    sizes = [path.stat().st_size for path in COMMITTED.iterdir()]
    assert max(sizes) <= 1.4e6
    assert sum(sizes) <= 4.0e6


def test_the_dataset_says_that_it_is_synthetic():
    dataset = tomllib.loads((COMMITTED / "dataset.toml").read_text(encoding="utf-8"))
    assert dataset["dataset"]["name"] == "demo"
    assert dataset["dataset"]["synthetic"] is True
    assert "合成" in dataset["dataset"]["title"]
    assert set(dataset["files"]) == set(KINDS)


def test_counts_are_in_the_promised_ranges(city, communities):
    buildings, regions = city["buildings"], city["regions"]
    assert 30_000 <= buildings["households"].sum() <= 40_000
    assert 95_000 <= buildings["residents"].sum() <= 110_000
    assert 3_000 <= len(buildings) <= 6_000
    assert 13 <= len(communities) <= 16
    assert regions["level"].value_counts().to_dict() | {"community": 0} == {
        "city": 1, "county": 1, "street": 3, "community": 0,
    }  # fmt: skip


def test_people_add_up_in_every_building(city):
    buildings = city["buildings"]
    lived_in = buildings["households"] > 0
    assert (buildings[["households", "residents", "elderly", "children"]] >= 0).all(axis=None)
    assert (buildings["elderly"] + buildings["children"] <= buildings["residents"]).all()
    assert (buildings.loc[lived_in, "residents"] >= buildings.loc[lived_in, "households"]).all()
    assert (buildings.loc[~lived_in, "residents"] == 0).all()


def test_household_sizes_and_floor_areas_are_plausible_for_every_use(city):
    buildings = city["buildings"].assign(floor_m2=lambda b: b.area * b["floors"]).query("households > 0")
    sums = buildings.groupby("use")[["households", "residents", "floor_m2"]].sum()
    assert (sums["residents"] / sums["households"]).between(2.2, 3.6).all()
    assert (sums["floor_m2"] / sums["households"]).between(80.0, 260.0).all()


def test_ids_are_unique_and_refer_to_something(city):
    for kind in ("buildings", "estates", "facilities", "streets"):
        assert city[kind]["id"].is_unique, kind
    regions = city["regions"]
    assert regions["code"].is_unique
    assert regions["code"].str.fullmatch(r"9999\d{8}").all()
    assert set(regions["parent_code"].dropna()) <= set(regions["code"])
    assert set(city["buildings"]["estate_id"].dropna()) == set(city["estates"]["id"])


def test_communities_tile_their_streets_and_the_city(city, communities):
    regions = city["regions"].set_index("code")
    assert shapely.coverage_is_valid(communities.geometry.array)
    whole = shapely.coverage_union_all(communities.geometry.array)
    assert whole.equals(regions.geometry["999900000000"])
    assert len(shapely.get_parts(whole)) == 1
    assert not shapely.get_parts(whole)[0].interiors
    for code, parts in communities.groupby("parent_code"):
        assert shapely.coverage_union_all(parts.geometry.array).equals(regions.geometry[code])


def test_one_community_has_an_exclave(communities):
    pieces = shapely.get_num_geometries(communities.geometry.array)
    assert sorted(pieces)[-2:] == [1, 2]


def test_every_building_stands_apart_in_one_community(city, communities):
    buildings = city["buildings"]
    left, right = buildings.sindex.query(buildings.geometry, predicate="intersects")
    assert (left == right).all()
    assert buildings.is_valid.all()
    within = gpd.sjoin(buildings[["id", "geometry"]], communities[["code", "geometry"]], predicate="within")
    assert within["id"].is_unique
    assert len(within) == len(buildings)


def test_no_building_stands_in_water_or_on_tracks_or_streets(city):
    buildings, barriers, streets = city["buildings"], city["barriers"], city["streets"]
    for kind in ("river", "railway", "expressway"):
        assert not buildings.intersects(barriers[barriers["kind"] == kind].union_all()).any(), kind
    wide = streets[streets["highway"].isin(["primary", "secondary", "tertiary", "residential"])]
    assert not buildings.intersects(wide.union_all()).any()


def test_one_house_straddles_a_lane(city, walkable):
    path, _ = city["buildings"].sindex.query(walkable.geometry, predicate="crosses")
    assert walkable["highway"].iloc[path].tolist() == ["living_street"]


def test_buildings_stand_in_their_estate_or_in_none(city):
    buildings, estates = city["buildings"], city["estates"].set_index("id")
    inside = buildings[buildings["estate_id"].notna()]
    outline = estates.geometry.loc[inside["estate_id"]]
    assert shapely.within(inside.geometry.to_numpy(), outline.to_numpy()).all()
    others = buildings[buildings["estate_id"].isna()]
    assert gpd.sjoin(others, estates[["geometry"]], predicate="intersects").empty


def test_estates_come_in_all_sizes(city):
    households = city["buildings"].groupby("estate_id")["households"].sum()
    assert (households > 500).sum() >= 10
    assert (households < 200).sum() >= 10
    assert 1_000 < households.max() < 1_600


def test_the_walking_network_is_one_piece_with_true_lengths(walkable):
    graph = nx.Graph(zip(walkable["u"], walkable["v"], strict=True))
    assert nx.is_connected(graph)
    np.testing.assert_allclose(walkable["length_m"], walkable.length, atol=0.002)


def test_streets_with_the_same_node_meet_there(city):
    streets = city["streets"]
    ends = [shapely.get_coordinates(shapely.get_point(streets.geometry.array, at)) for at in (0, -1)]
    places = pd.DataFrame(np.concatenate(ends).round(3), columns=["x", "y"])
    nodes = places.assign(node=[*streets["u"], *streets["v"]]).drop_duplicates()
    assert nodes["node"].is_unique
    assert not nodes[["x", "y"]].duplicated().any()


def test_walls_are_passed_at_gates_only_and_every_walled_estate_has_one(city, walkable):
    walls = city["barriers"].query("kind == 'wall'").union_all()
    assert not walkable.crosses(walls).any()
    estates = city["estates"]
    walled = estates[estates.boundary.intersection(walls.buffer(0.01)).length > 0.5 * estates.boundary.length]
    assert len(walled) > 30
    passed, _ = walled.sindex.query(walkable.geometry, predicate="crosses")
    _, entered = walled.sindex.query(walkable.geometry.iloc[np.unique(passed)], predicate="crosses")
    assert set(entered) == set(range(len(walled)))


def test_the_river_is_crossed_on_bridges_only(walkable, river):
    across = walkable[walkable.crosses(river)]
    assert 3 <= across["name"].nunique() <= 5
    assert len(across) == across["name"].nunique()


def test_facilities_are_named_apart_and_the_private_home_stays_private(city):
    facilities = city["facilities"]
    assert facilities["name"].is_unique
    assert set(facilities.loc[facilities["level"] == 4, "public"]) == {False}
    assert facilities.loc[facilities["level"] != 4, "public"].all()
    assert facilities["phone"].dropna().str.match(r"000-").all()
    assert (facilities["level"] == 1).sum() == 3


def test_many_people_across_the_river_are_beyond_fifteen_minutes_even_in_a_straight_line(city, communities):
    buildings, facilities = city["buildings"], city["facilities"]
    counting = facilities[facilities["kind"].isin(["red_station", "service_centre"])].union_all()
    far = buildings.geometry.centroid.distance(counting) > FIFTEEN_MINUTES_M
    east = buildings.geometry.centroid.within(communities[communities["parent_code"] == "999901003000"].union_all())
    share_far = {
        bank: buildings.loc[side & far, "households"].sum() / buildings.loc[side, "households"].sum()
        for bank, side in (("west", ~east), ("east", east))
    }
    assert share_far["east"] > 0.1
    assert share_far["west"] < 0.02


def test_special_grids_lie_in_one_community_each(city, communities):
    special = city["plan"]
    assert set(special["kind"]) == {"special"}
    inside = gpd.sjoin(special.set_geometry(special.buffer(-0.1)), communities[["geometry"]], predicate="within")
    assert len(inside) == len(special) >= 2


@pytest.mark.cases
def test_no_name_is_that_of_a_real_place_of_the_region(city, cases_dir):
    table = cases_dir.parent / "codes_fuding_jiaocheng_2016_2023.csv"
    with table.open(encoding="utf-8-sig", newline="") as lines:
        real = {re.sub(ENDINGS, "", row["名称"]) for row in csv.DictReader(lines)}
    facts = (cases_dir.parent / "domain.md").read_text(encoding="utf-8")
    names = {name for kind in KINDS if "name" in city[kind] for name in city[kind]["name"].dropna()}
    assert len(names) > 200
    assert not {name for name in names if re.sub(ENDINGS, "", name) in real}
    assert not {name for name in names if name in facts}
