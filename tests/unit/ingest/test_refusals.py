"""Broken inputs: each has one clear answer that names file, row and cure."""

import numpy as np
import pytest
from shapely import LineString, Point, Polygon

CSV = '[files.buildings]\npath = "buildings.csv"\ncrs = "EPSG:4326"\n'
BARE = '[files.buildings]\npath = "buildings.csv"\n'


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("id,户数,lon,lat", ["b1,5,{lon},{lat}", "b1,6,{lon},{lat}"], ["第 2、3 行的“id”都是“b1”", "请改成不重复"]),
        ("id,户数,lon,lat", ["b1,5,{lon},{lat}", ",6,{lon},{lat}"], ["第 3 行的“id”为空", "请填写"]),
        ("id,户数,lon,lat", ["b1,-3,{lon},{lat}"], ["第 2 行的“户数”", "现为 -3", "请改正"]),
        ("id,户数,lon,lat", ["b1,3.5,{lon},{lat}"], ["第 2 行的“户数”应是不小于 0 的整数", "现为 3.5"]),
        ("id,户数,lon,lat", ["b1,约300,{lon},{lat}"], ["第 2 行的“户数”不是数字", "约300"]),
        ("id,户数,lon,lat", ["b1,,{lon},{lat}", "b2,3,{lon},{lat}"], ["第 2 行的“户数”为空", "请补上户数"]),
        ("id,户数,人数,lon,lat", ["b1,3,-1,{lon},{lat}"], ["第 2 行的“人数”", "请改正"]),
        ("id,户数,lon,lat", ["b1,3,{lon},{lat}", "b2,3,,"], ["第 3 行没有坐标", "请补上"]),
        ("id,户数,lon,lat", ["b1,3,{lon},"], ["第 2 行的“lat”为空", "请补上"]),
        ("id,户数,lon,lat", ["b1,3,东经120度,{lat}"], ["第 2 行的“lon”不是数字"]),
        ("id,户数,lon,lat", ["b1,3,0,0", "b2,3,{lon},{lat}"], ["第 2 行离本市", "20 公里", "请检查"]),
        ("id,户数,lon,lat", ["b1,3,{lon},{lat}", "b2,3,{lat},{lon}"], ["第 3 行的经度和纬度", "写反了", "对调"]),
        ("id,户数,lon", ["b1,3,{lon}"], ["缺少 lat", "请补上"]),
        ("id,lon,lat", ["b1,{lon},{lat}"], ["缺少必填列 households", "id、lon、lat", "columns"]),
        ("id,户数,身份证号,lon,lat", ["b1,3,x,{lon},{lat}"], ["“身份证号”列", "请删除该列"]),
        ("id,户数,户主姓名,lon,lat", ["b1,3,x,{lon},{lat}"], ["“户主姓名”列", "请删除该列"]),
        ("id,户数,联系电话,lon,lat", ["b1,3,x,{lon},{lat}"], ["“联系电话”列", "请删除该列"]),
        ("id,户数,备注,lon,lat", ["b1,3,110101199003077897,{lon},{lat}"], ["“备注”列第 2 行起", "请删除该列"]),
        ("id,户数,备注,lon,lat", ["b1,3,13859300000,{lon},{lat}"], ["“备注”列第 2 行起", "手机号"]),
        ("id,户数,lon,lat", ["b1,3,{lon},{lat},多余"], ["第 2 行有 5 个单元格", "请检查逗号和引号"]),
        ("id,户数,户数,lon,lat", ["b1,3,4,{lon},{lat}"], ["表头“户数”出现了多次", "请改名"]),
        ("id,户数,lon,lat", ["3.50982E+14,3,{lon},{lat}"], ["第 2 行的“id”是科学计数", "文本"]),
        (
            "楼栋号,户数,lon,lat",
            ["b1,10000000000,{lon},{lat}"],
            ["现为 10000000000，超过单行的上限 10000000"],
        ),
        ("甲,乙,丙", ["1,2,3"], ["没有认识的表头", "甲、乙、丙", "columns"]),
        ("id,户数,lon,lat", [], ["没有数据行", "请删去 dataset.toml 的 [files.buildings]"]),
    ],
)
def test_a_broken_table_of_buildings_is_refused(town, header, rows, said):
    town.points_csv(header, rows)
    text = town.refusal(buildings=CSV)
    assert text.startswith("buildings.csv：")
    for part in said:
        assert part in text


def test_a_table_without_crs_or_datum_is_refused_with_the_choices(town):
    town.points_csv("id,户数,lon,lat", ["b1,3,{lon},{lat}"])
    text = town.refusal(buildings=BARE)
    assert "没有坐标系" in text
    assert 'datum = "gcj02"（高德、腾讯）' in text


def test_degrees_declared_as_metres_are_refused(town):
    town.points_csv("id,户数,lon,lat", ["b1,3,{lon},{lat}"])
    assert "坐标像经纬度" in town.refusal(buildings=BARE + 'crs = "EPSG:4549"\n')


def test_metres_declared_as_degrees_are_refused_by_row(town):
    town.csv("buildings.csv", "id,户数,X,Y\nb1,3,3023050,521050\n")
    text = town.refusal(buildings=CSV)
    assert "第 2 行的坐标是以米计" in text
    assert "EPSG:4549" in text


def test_a_zone_number_that_contradicts_the_declared_crs_is_refused(town):
    town.csv("buildings.csv", "id,户数,X,Y\nb1,3,3023050,39521050\n")
    text = town.refusal(buildings=BARE + 'crs = "EPSG:4549"\n')
    assert "带 39 带号" in text
    assert "第 40 带" in text


def test_a_layer_without_crs_is_refused(town):
    frame = town.buildings()
    frame.to_file(town.folder / "buildings.shp")
    (town.folder / "buildings.prj").unlink()
    assert "没有坐标系" in town.refusal(buildings='[files.buildings]\npath = "buildings.shp"\n')


def test_a_layer_of_another_city_is_refused_by_feature(town):
    frame = town.stored({"id": ["b1"], "households": [3]}, [town.square(100000, 0, 10)])
    frame.to_file(town.folder / "buildings.gpkg")
    assert "buildings.gpkg：第 1 个要素离本市" in town.refusal()


def test_regions_outside_the_metric_crs_are_refused(town):
    regions = town.regions()
    regions.geometry = regions.geometry.translate(-16.0)
    regions.to_file(town.folder / "regions.gpkg")
    text = town.refusal()
    assert "第 4、5 个要素不在 metric_crs" in text


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (LineString([(120.2, 27.3), (120.2, 27.31)]), "第 2 个要素的图形应为点或面（现为 LINESTRING）"),
        (None, "第 2 个要素没有坐标或图形为空"),
        (Polygon([(120.2131, 27.3187), (120.2132, 27.3187), (120.2133, 27.3187)]), "第 2 个要素的面没有面积"),
    ],
)
def test_a_building_of_the_wrong_shape_is_refused(town, geometry, said):
    buildings = town.buildings()
    buildings.loc[1, "geometry"] = geometry
    buildings.to_file(town.folder / "buildings.gpkg")
    assert said in town.refusal()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": ["1", "1", "3", "4", "5"]}, "第 1、2 个要素的“code”都是“1”"),
        ({"level": ["city", "county", "street", "community", "village"]}, "第 5 个要素的“level”“village”不认识"),
        ({"name": ["a", "b", "c", "d", None]}, "第 5 个要素的“name”为空"),
        ({"parent_code": [None, "990100000000", "990101000000", "990101001000", "77"]}, "“77”不在文件里"),
        (
            {"parent_code": [None, "990100000000", "990101000000", "990101001000", "990101001001"]},
            "第 5 个要素的“parent_code”“990101001001”的级别不高于本行",
        ),
        (
            {"code": ["x", "y", "z", "p", "q"], "parent_code": [None, "x", "y", "z", None]},
            "第 5 个要素的“parent_code”为空，而代码不是 12 位行政区划代码",
        ),
        ({"code": ["1", "2", "3", "4", "5"], "level": None, "parent_code": None}, "的“level”为空"),
    ],
)
def test_a_broken_hierarchy_is_refused_by_feature(town, changes, said):
    regions = town.regions()
    for column, values in changes.items():
        regions[column] = values
    regions.to_file(town.folder / "regions.gpkg")
    assert said in town.refusal()


@pytest.mark.parametrize(
    ("kind", "columns", "said"),
    [
        ("facilities", {"id": ["1"], "name": ["甲"], "kind": ["某某馆"]}, "“某某馆”不认识"),
        ("facilities", {"id": ["1"], "name": ["甲"], "kind": ["clinic"], "level": ["七级"]}, "“七级”不认识"),
        ("facilities", {"id": ["1"], "name": ["甲"], "kind": ["clinic"], "area_m2": ["0"]}, "应大于 0"),
        ("facilities", {"id": ["1"], "name": ["甲"], "kind": ["clinic"], "public": ["也许"]}, "应填 是 或 否"),
        ("facilities", {"id": ["1"], "name": ["甲"], "kind": ["clinic"], "身份证号": ["x"]}, "“身份证号”列"),
        ("barriers", {"kind": ["山脉"]}, "“山脉”不认识"),
        ("barriers", {"kind": [None]}, "的“kind”为空"),
        ("plan", {"kind": ["其他"]}, "“其他”不认识"),
        ("estates", {"id": ["e1"], "name": ["甲"], "户主": ["x"]}, "“户主”列"),
    ],
)
def test_an_unknown_word_or_personal_column_is_refused(town, kind, columns, said):
    shape = Point(521050, 3023050) if kind == "facilities" else town.square(0, 0, 50)
    town.stored(columns, [shape]).to_file(town.folder / "other.gpkg")
    text = town.refusal(extra=f'[files.{kind}]\npath = "other.gpkg"\n')
    assert text.startswith("other.gpkg：")
    assert said in text


@pytest.mark.parametrize("kind", ["estates", "barriers", "facilities", "plan", "streets"])
def test_an_optional_layer_without_rows_is_refused_with_the_way_to_do_without(town, kind):
    columns = {"id": [], "name": [], "kind": [], "code": []}
    town.stored(columns, []).to_file(town.folder / "other.gpkg", geometry_type="Polygon")
    text = town.refusal(extra=f'[files.{kind}]\npath = "other.gpkg"\n')
    assert text == f"other.gpkg：没有数据行，请检查文件内容；没有这类数据时请删去 dataset.toml 的 [files.{kind}]"


def test_regions_without_rows_are_refused(town):
    town.csv("regions.csv", "代码,名称\n")
    assert town.refusal(regions='[files.regions]\npath = "regions.csv"\n') == "regions.csv：没有数据行，请检查文件内容"


def test_a_total_smaller_than_what_is_there_cannot_be_spread(town):
    town.csv("estates.csv", "id,name,households\ne1,怡和苑,5\n")
    buildings = town.buildings()
    buildings["estate_id"] = ["e1", "e1", None, None]
    buildings["households"] = [10.0, np.nan, 30, 40]
    buildings.to_file(town.folder / "buildings.gpkg")
    text = town.refusal(extra='[files.estates]\npath = "estates.csv"\n')
    assert "第 1、2 个要素" in text
    assert "超过小区 e1 的总户数 5" in text


BOW_TIE = Polygon([(521000, 3023000), (521400, 3023400), (521400, 3023000), (521000, 3023400)])
TWICE = Polygon([*[(521000, 3023000), (521400, 3023000), (521400, 3023400), (521000, 3023400)] * 2])


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (BOW_TIE, "（Self-intersection[521200 3023200]），所围面积说不清：0.0 还是 80000.0 平方米"),
        (TWICE, "所围面积说不清：320000.0 还是 160000.0 平方米"),
    ],
)
def test_a_community_whose_boundary_crosses_itself_is_refused_by_feature(town, shape, said):
    regions = town.regions()
    regions.loc[3, "geometry"] = town.stored({"id": ["x"]}, [shape]).geometry[0]
    regions.to_file(town.folder / "regions.gpkg")
    text = town.refusal()
    assert text.startswith("regions.gpkg：第 4 个要素的边界线自相交")
    assert said in text
    assert "请核对顶点顺序" in text


def test_a_grid_whose_boundary_crosses_itself_is_refused_by_feature(town):
    town.stored({"code": ["g"]}, [BOW_TIE]).to_file(town.folder / "plan.gpkg")
    text = town.refusal(extra='[files.plan]\npath = "plan.gpkg"\n')
    assert text.startswith("plan.gpkg：第 1 个要素的边界线自相交")


def test_grids_without_community_polygons_are_refused(town):
    town.regions().drop(columns="geometry").to_csv(town.folder / "regions.csv", index=False)
    town.stored({"code": ["g"]}, [town.square(0, 0, 50)]).to_file(town.folder / "plan.gpkg")
    text = town.refusal(regions='[files.regions]\npath = "regions.csv"\n', extra='[files.plan]\npath = "plan.gpkg"\n')
    assert "没有社区边界面，网格无法归属社区" in text


def test_barriers_of_another_province_are_refused(town):
    far = LineString([(621000, 3023000), (621800, 3023400)])
    town.stored({"kind": ["road"]}, [far]).to_file(town.folder / "barriers.gpkg")
    assert "全部图形离本市超过 20 公里" in town.refusal(extra='[files.barriers]\npath = "barriers.gpkg"\n')
