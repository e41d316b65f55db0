import hashlib
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from shapely import GeometryCollection, LineString, Point, Polygon

from gis_service.ingest.city import read_city
from gis_service.workflows.kinds import KIND_NAMES

CSV = '[files.buildings]\npath = "buildings.csv"\ncrs = "EPSG:4326"\n'


def zh(frames):
    return [note.zh for note in frames.notes]


def test_a_sound_town_comes_in_as_the_contract_says(town):
    frames = town.read()
    assert list(frames.regions["code"]) == sorted(frames.regions["code"])
    assert list(frames.regions["level"]) == ["city", "county", "street", "community", "community"]
    assert frames.regions["parent_code"][0] is None
    assert frames.regions.crs == "EPSG:4549"
    assert set(frames.regions.geom_type) == {"MultiPolygon"}
    buildings = frames.buildings
    assert list(buildings.columns) == [
        "id", "households", "residents", "elderly", "children", "floors", "estate_id", "community_code",
        "households_source", "geometry",
    ]  # fmt: skip
    assert list(buildings["households"]) == [10, 20, 30, 40]
    assert list(buildings["community_code"]) == [town.a, town.a, town.b, town.b]
    assert buildings["residents"].isna().all()
    assert str(buildings["residents"].dtype) == "Int64"
    assert buildings["estate_id"].tolist() == [None] * 4
    assert set(buildings["households_source"]) == {"observed"}
    assert frames.nodes is None
    assert frames.edges is None


def test_polygons_above_the_communities_are_their_union_and_it_is_said(town):
    frames = town.read()
    assert frames.regions.geometry.area.round(3).tolist() == [320000, 320000, 320000, 160000, 160000]
    assert sum("由下级的面合并得出" in text for text in zh(frames)) == 3


def test_the_order_of_rows_changes_nothing(town, tmp_path_factory):
    first = town.read()
    again = type(town)(tmp_path_factory.mktemp("turned"), town.sound)
    town.regions().iloc[::-1].to_file(again.folder / "regions.gpkg")
    town.buildings().iloc[[2, 0, 3, 1]].to_file(again.folder / "buildings.gpkg")
    second = again.read()
    assert_frame_equal(pd.DataFrame(first.buildings), pd.DataFrame(second.buildings))
    assert_frame_equal(pd.DataFrame(first.regions), pd.DataFrame(second.regions))


def test_progress_is_told_from_nothing_to_everything(town):
    told = []
    read_city(town.describe(), progress=lambda _, done, total: told.append((done, total)))
    assert told == [(step, 7) for step in range(8)]


def test_without_buildings_the_hierarchy_comes_in_with_one_notice(town):
    frames = town.read(buildings="")
    assert len(frames.buildings) == 0
    assert sum("只导入行政层级和设施" in text for text in zh(frames)) == 1


def test_without_community_polygons_buildings_are_left_out_with_one_notice(town):
    regions = town.regions().drop(columns="geometry")
    regions.to_csv(town.folder / "regions.csv", index=False)
    frames = town.read(regions='[files.regions]\npath = "regions.csv"\n')
    assert len(frames.buildings) == 0
    assert len(frames.regions) == 5
    assert sum("没有社区边界面" in text for text in zh(frames)) == 1


def test_some_communities_without_a_polygon_are_refused_by_row(town):
    regions = town.regions()
    regions.loc[4, "geometry"] = None
    regions.to_file(town.folder / "regions.gpkg")
    text = town.refusal()
    assert "regions.gpkg" in text
    assert "第 5 个要素" in text
    assert "补上" in text


def test_a_large_overlap_of_communities_is_refused_by_name(town):
    regions = town.regions()
    wide = town.stored({"id": ["w"]}, [town.square(300, 0, 400)])
    regions.loc[4, "geometry"] = wide.geometry[0]
    regions.to_file(town.folder / "regions.gpkg")
    text = town.refusal()
    assert "990101001001 东山社区 与 990101001002 西山社区 重叠 40000 平方米" in text
    assert "25.0%" in text
    assert "请改正" in text


def test_a_small_overlap_is_given_to_the_lower_code_and_reported(town):
    regions = town.regions()
    wide = town.stored({"id": ["w"]}, [shapely.box(521399.0, 3023000.0, 521800.0, 3023400.0)])
    regions.loc[4, "geometry"] = wide.geometry[0]
    regions.to_file(town.folder / "regions.gpkg")
    frames = town.read()
    low, high = frames.regions.geometry[3], frames.regions.geometry[4]
    assert low.area == pytest.approx(160000, abs=0.01)
    assert high.area == pytest.approx(160000, abs=0.01)
    assert low.intersection(high).area < 1e-3
    assert any("重叠 400.0 平方米，已划归前者" in text for text in zh(frames))


def test_an_invalid_polygon_is_repaired_and_reported_by_row(town):
    buildings = town.buildings()
    bow_tie = town.stored(
        {"id": ["x"]}, [Polygon([(521020, 3023020), (521030, 3023030), (521030, 3023020), (521020, 3023030)])]
    )
    buildings.loc[1, "geometry"] = bow_tie.geometry[0]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read()
    assert frames.buildings.geometry.is_valid.all()
    note = next(note for note in frames.notes if note.severity == "repaired")
    assert (note.file, note.row) == ("buildings.gpkg", 2)
    assert "已修复" in note.zh


def test_a_spike_or_a_loop_of_a_few_square_metres_at_a_community_is_repaired_and_reported(town):
    regions = town.regions()
    spike = [(521000, 3023000), (521400, 3023000), (521400, 3023400), (521200, 3023400), (521200, 3023500)]
    loop = [(521200, 3023400), (521002, 3023400), (521000, 3023398), (521002, 3023398), (521000, 3023400)]
    shape = Polygon([*spike, *loop])
    assert not shape.is_valid
    regions.loc[3, "geometry"] = town.stored({"id": ["x"]}, [shape]).geometry[0]
    regions.to_file(town.folder / "regions.gpkg")
    frames = town.read()
    assert frames.regions.geometry[3].area == pytest.approx(160_000, abs=5)
    note = next(note for note in frames.notes if note.severity == "repaired")
    assert (note.file, note.row) == ("regions.gpkg", 4)


def test_a_building_on_the_border_belongs_to_the_lower_code(town):
    lon, lat = town.lonlat(400, 200)
    town.csv("buildings.csv", f"id,户数,lon,lat\nb1,5,{lon!r},{lat!r}\n")
    frames = town.read(buildings=CSV)
    assert frames.buildings.geometry[0].equals(Point(521400, 3023200))
    assert frames.buildings["community_code"][0] == town.a


def test_buildings_outside_every_community_stay_and_are_counted(town):
    lon, lat = town.lonlat(-50, 50)
    town.points_csv("id,户数,lon,lat", ["b1,5,{lon},{lat}", f"b2,6,{lon!r},{lat!r}", "b3,7,{lon},{lat}"])
    frames = town.read(buildings=CSV)
    assert frames.buildings["community_code"].tolist() == [town.a, None, town.a]
    note = next(note for note in frames.notes if "不在任何社区内" in note.zh)
    assert (note.file, note.row, note.severity) == ("buildings.csv", 3, "notice")
    assert "共 1 栋" in note.zh


def test_estates_that_only_buildings_name_are_added_without_a_polygon(town):
    town.points_csv("id,户数,小区编号,lon,lat", ["b1,5,e2,{lon},{lat}", "b2,6,,{lon},{lat}"])
    frames = town.read(buildings=CSV)
    assert frames.estates[["id", "name"]].to_numpy().tolist() == [["e2", "e2"]]
    assert frames.estates.geometry[0] is None
    assert frames.buildings["estate_id"].tolist() == ["e2", None]


def test_an_estate_may_be_named_instead_of_numbered(town):
    town.csv("estates.csv", "小区编号,小区名称\ne1,怡和苑\ne2,金滩嘉苑\n")
    town.points_csv("id,户数,所属小区,lon,lat", ["b1,5,金滩嘉苑,{lon},{lat}"])
    frames = town.read(buildings=CSV, extra='[files.estates]\npath = "estates.csv"\n')
    assert frames.buildings["estate_id"].tolist() == ["e2"]


def test_empty_households_take_their_share_of_the_estates_total(town):
    town.csv("estates.csv", "id,name,总户数\ne1,怡和苑,100\n")
    buildings = town.buildings()
    buildings["estate_id"] = ["e1", "e1", "e1", None]
    buildings["households"] = [10.0, np.nan, np.nan, 40.0]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read(extra='[files.estates]\npath = "estates.csv"\n')
    assert frames.buildings["households"].tolist() == [10, 36, 54, 40]
    assert frames.buildings["households_source"].tolist() == ["observed", "estimated", "estimated", "observed"]
    assert any("分摊" in text and "共 2 栋" in text for text in zh(frames))


def test_empty_households_take_their_share_of_the_communitys_total(town):
    regions = town.regions()
    regions["总户数"] = [None, None, None, None, 91]
    regions.to_file(town.folder / "regions.gpkg")
    buildings = town.buildings()
    buildings["households"] = [10, 20, np.nan, np.nan]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read()
    assert frames.buildings["households"].tolist() == [10, 20, 14, 77]
    assert frames.buildings["households"][2:].sum() == 91


def test_given_grids_belong_to_the_community_they_share_most_area_with(town):
    grids = town.stored(
        {"网格编码": ["g2", "g1"], "网格类型": ["专属网格", None]}, [town.square(380, 0, 100), town.square(0, 0, 100)]
    )
    grids.to_file(town.folder / "plan.gpkg")
    frames = town.read(extra='[files.plan]\npath = "plan.gpkg"\n')
    assert frames.given_grids[["code", "kind", "community_code"]].to_numpy().tolist() == [
        ["g1", "base", town.a],
        ["g2", "special", town.b],
    ]
    assert frames.given_grids["name"].tolist() == [None, None]
    assert any("跨出所属社区" in text for text in zh(frames))


def test_a_grid_outside_every_community_is_refused_by_row(town):
    town.stored({"code": ["g1"]}, [town.square(0, 500, 100)]).to_file(town.folder / "plan.gpkg")
    text = town.refusal(extra='[files.plan]\npath = "plan.gpkg"\n')
    assert "plan.gpkg：第 1 个要素的网格不在任何社区内" in text


def test_barriers_far_away_are_left_out_and_counted(town):
    near, far = LineString([(521000, 3023000), (521800, 3023400)]), LineString([(621000, 3023000), (621800, 3023400)])
    town.stored({"kind": ["河流", "高速"], "name": [None, "G15"]}, [near, far]).to_file(town.folder / "barriers.gpkg")
    frames = town.read(extra='[files.barriers]\npath = "barriers.gpkg"\n')
    assert frames.barriers[["kind", "name"]].to_numpy().tolist() == [["river", None]]
    note = next(note for note in frames.notes if note.severity == "dropped")
    assert (note.row, note.file) == (2, "barriers.gpkg")


def test_a_facility_drawn_as_an_area_becomes_a_point_inside(town):
    town.stored({"id": ["f1"], "name": ["驿站"], "kind": ["红色驿站"]}, [town.square(0, 0, 10)]).to_file(
        town.folder / "facilities.gpkg"
    )
    frames = town.read(extra='[files.facilities]\npath = "facilities.gpkg"\n')
    assert town.square(0, 0, 10).contains(frames.facilities.geometry[0])
    assert any("取面内一点" in text for text in zh(frames))


def test_facilities_speak_our_words(town):
    lon, lat = town.lonlat(50, 50)
    header = "编号,名称,类型,级别,地址,开放时间,服务功能,电话,面积,是否公开,lon,lat"
    town.csv(
        "facilities.csv",
        f"{header}\n2,张家客厅,红色驿站,居民家,,,,,,是,{lon!r},{lat!r}\n"
        f"1,莲峰中心,党群服务中心,社区,一号,8:00-18:00,议事、阅读,0593-1,900,,{lon!r},{lat!r}\n"
        f"3,诊所,clinic,,,,,,,否,{lon!r},{lat!r}\n",
    )
    frames = town.read(extra='[files.facilities]\npath = "facilities.csv"\ncrs = "EPSG:4326"\n')
    facilities = frames.facilities
    assert facilities["kind"].tolist() == ["service_centre", "red_station", "clinic"]
    assert facilities["level"].tolist() == [2, 4, pd.NA]
    assert facilities["functions"].tolist() == [("议事", "阅读"), (), ()]
    assert facilities["public"].tolist() == [True, False, False]
    assert facilities["phone"].tolist() == ["0593-1", None, None]
    assert facilities["area_m2"][0] == 900
    assert np.isnan(facilities["area_m2"][1])
    assert any("不得公开" in text for text in zh(frames))


def test_a_facility_may_be_called_what_we_call_its_kind(town):
    names = {kind: name.zh for kind, name in KIND_NAMES.items()}
    lon, lat = town.lonlat(50, 50)
    rows = "".join(f"{kind},某处,{name},{lon!r},{lat!r}\n" for kind, name in names.items())
    town.csv("facilities.csv", f"编号,名称,类型,lon,lat\n{rows}")
    facilities = town.read(extra='[files.facilities]\npath = "facilities.csv"\ncrs = "EPSG:4326"\n').facilities
    assert facilities["kind"].tolist() == facilities["id"].tolist() == sorted(names)


def test_a_collection_of_polygons_is_taken_apart(town):
    buildings = town.buildings()
    mixed = GeometryCollection([buildings.geometry[0], Point(town.lonlat(1, 1))])
    frame = gpd.GeoDataFrame(buildings.drop(columns="geometry"), geometry=[mixed, *buildings.geometry[1:]], crs=4326)
    frame.to_file(town.folder / "buildings.gpkg")
    assert town.read().buildings.geometry[0].area == pytest.approx(100, abs=0.01)


def test_the_content_hash_follows_every_referenced_file(town):
    first = town.read().dataset.content_hash
    assert town.read().dataset.content_hash == first
    assert len(first) == len(hashlib.sha256().hexdigest())
    town.buildings().iloc[:3].to_file(town.folder / "buildings.gpkg")
    assert town.read().dataset.content_hash != first


def test_notes_stand_in_the_order_of_the_files(town):
    frames = town.read()
    assert Counter(note.file for note in frames.notes) == {"regions.gpkg": 3}


def test_regions_with_swapped_axes_are_put_right_and_it_is_said(town):
    regions = town.regions()
    regions.geometry = regions.geometry.map(lambda shape: shape and shapely.transform(shape, lambda xy: xy[:, ::-1]))
    regions.to_file(town.folder / "regions.gpkg")
    frames = town.read()
    assert frames.regions.geometry[3].symmetric_difference(town.square(0, 0, 400)).area < 0.01
    assert any("已对调" in text for text in zh(frames))


def test_a_building_that_names_another_community_is_noticed(town):
    buildings = town.buildings()
    buildings["所属社区"] = ["东山社区", "西山社区", town.b, None]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read()
    note = next(note for note in frames.notes if "写的社区与坐标所在的社区不同" in note.zh)
    assert note.row == 2


def test_a_total_that_differs_from_complete_buildings_is_noticed(town):
    town.csv("estates.csv", "id,name,总户数\ne1,怡和苑,31\n")
    buildings = town.buildings()
    buildings["estate_id"] = ["e1", "e1", None, None]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read(extra='[files.estates]\npath = "estates.csv"\n')
    assert frames.buildings["households"].tolist() == [10, 20, 30, 40]
    assert any("e1（楼栋之和 30，总户数 31）" in text for text in zh(frames))


def test_a_communitys_total_that_differs_from_what_its_estates_totals_filled_is_noticed(town):
    regions = town.regions()
    regions["总户数"] = [None, None, None, 1000, 500]
    regions.to_file(town.folder / "regions.gpkg")
    town.csv("estates.csv", "id,name,总户数\ne1,怡和苑,900\ne2,康宁苑,600\n")
    buildings = town.buildings()
    buildings["households"] = np.nan
    buildings["estate_id"] = ["e1", "e1", "e2", "e2"]
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read(extra='[files.estates]\npath = "estates.csv"\n')
    assert frames.buildings.groupby("community_code")["households"].sum().tolist() == [900, 600]
    said = next(text for text in zh(frames) if "与总户数不同" in text)
    assert f"{town.a}（楼栋之和 900，总户数 1000）" in said
    assert f"{town.b}（楼栋之和 600，总户数 500）" in said
    assert "含由小区总户数分摊的" in said


def test_facilities_above_the_street_have_no_level(town):
    frame = town.stored(
        {"id": ["f"], "name": ["市中心"], "kind": ["service_centre"], "level": ["city"]}, [Point(521050, 3023050)]
    )
    frame.to_file(town.folder / "facilities.gpkg")
    frames = town.read(extra='[files.facilities]\npath = "facilities.gpkg"\n')
    assert frames.facilities["level"].isna().all()
    assert any("高于街道" in text for text in zh(frames))
