"""Candidate sites are read by the same doors as all files, and refused by file, row and cure."""

import re

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from gis_service.errors import InputError
from gis_service.ingest.candidates import read_candidates

CRS = "EPSG:4549"
X, Y = 521_000.0, 3_023_000.0
REGIONS = gpd.GeoDataFrame({"code": ["1"]}, geometry=[box(X, Y, X + 900, Y + 900)], crs=CRS)


@pytest.fixture
def write(tmp_path):
    def write(text, name="rooms.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def rows(*cells):
    return "\n".join(
        ["编号,名称,造价,服务能力,X,Y", *(f"{cell},{X + 100},{Y + 100 * row}" for row, cell in enumerate(cells))]
    )


def read(path, crs=CRS):
    return read_candidates(path, REGIONS, CRS, crs=crs)


def test_chinese_headers_in_gb18030_are_read_and_sorted_by_id(write):
    frame, _ = read(write(rows("b,东厅,2.5,", "a,,1,300"), encoding="gb18030"))
    assert frame["id"].tolist() == ["a", "b"]
    assert frame["name"].tolist() == ["a", "东厅"]
    assert frame["cost"].tolist() == [1.0, 2.5]
    assert frame["capacity"].iloc[0] == 300
    assert np.isnan(frame["capacity"].iloc[1])
    assert frame.geometry.iloc[0].equals(Point(X + 100, Y + 100))
    assert frame.crs == CRS


def test_cost_and_capacity_may_be_left_out(write):
    frame, _ = read(write(rows("a,,1,", "b,,1,").replace("服务能力", "备注").replace("造价", "其他")))
    assert list(frame.columns) == ["id", "name", "geometry"]
    empty, _ = read(write(rows("a,,1,", "b,,1,")))
    assert "capacity" not in empty


def test_a_layer_brings_its_own_system(tmp_path):
    path = tmp_path / "rooms.gpkg"
    places = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(X + 50, Y + 50)], crs=CRS).to_crs("EPSG:4326")
    places.to_file(path, layer="rooms")
    frame, _ = read(path, crs=None)
    assert frame.geometry.iloc[0].distance(Point(X + 50, Y + 50)) < 1e-3


def test_positions_of_chinese_maps_are_shifted_back(write):
    frame, _ = read(write("id,lon,lat\na,120.2167,27.3243"), crs="gcj02")
    plain, _ = read(write("id,lon,lat\na,120.2167,27.3243"), crs="wgs84")
    assert 100 < frame.geometry.iloc[0].distance(plain.geometry.iloc[0]) < 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows("a,,0,"), "rooms.csv：第 2 行的“造价”为空或不大于 0"),
        (rows("a,,1,", "b,,,"), "rooms.csv：第 3 行的“造价”为空或不大于 0"),
        (rows("a,,x,"), "rooms.csv：第 2 行的“造价”不是数字"),
        (rows("a,,1,-5"), "rooms.csv：第 2 行的“服务能力”小于 0"),
        (rows("a,,1,", "a,,1,"), "rooms.csv：第 2、3 行的“编号”都是“a”"),
        (rows(",,1,"), "rooms.csv：第 2 行的“编号”为空"),
        (rows("a,,1,").replace("编号", "甲"), "rooms.csv：缺少必填列 id"),
        (rows("a,,1,").replace(f"{X + 100}", "621100"), "rooms.csv：第 2 行离本市行政区划范围超过 20 公里"),
        (rows("a,,1,").replace(f"{X + 100},{Y}", ","), "rooms.csv：第 2 行没有坐标"),
        ("id,lon,lat\n", "rooms.csv：没有数据行，请检查文件内容"),
    ],
)
def test_a_bad_row_is_one_clear_line(write, text, said):
    with pytest.raises(InputError) as caught:
        read(write(text))
    assert caught.value.text.zh.startswith(said)
    assert "\n" not in caught.value.text.zh
    assert "files.candidates" not in caught.value.text.zh
    assert "dataset.toml" not in str(caught.value.text)


@pytest.mark.parametrize(
    ("text", "crs", "said"),
    [
        (rows("a,,1,"), "EPSG:4326", "与声明的经纬度不符，请用 --candidates-crs 写明它的坐标系（如 EPSG:4549"),
        ("id,lon,lat\na,120.2167,27.3243", CRS, "请用 --candidates-crs 写明它的坐标系（如 EPSG:4326 或 gcj02）"),
        ("id,lon,lat\na,116.3,39.9", "wgs84", "请检查这些坐标，或用 --candidates-crs 写明它的坐标系"),
        ("id,lon\na,120.2", "wgs84", "请补上或把表头改成认识的名称"),
        ("甲,乙\n1,2", "wgs84", "没有认识的表头（第 1 行是：甲、乙），请把表头改成认识的名称"),
        ("名称,X,Y\n东厅,1,2", "wgs84", "请补上该列或把表头改成认识的名称"),
        ("", "wgs84", "第 1 行是：空"),
    ],
)
def test_the_cure_is_one_of_this_program(write, text, crs, said):
    with pytest.raises(InputError) as caught:
        read(write(text), crs=crs)
    assert said in caught.value.text.zh
    assert "dataset.toml" not in str(caught.value.text)


def test_a_damaged_file_is_refused_in_one_language(tmp_path):
    for name in ("rooms.gpkg", "rooms.geojson", "rooms.parquet", "rooms.xlsx", "rooms.zip", "rooms.csv"):
        path = tmp_path / name
        path.write_bytes(bytes(range(256)) * 4)
        with pytest.raises(InputError) as caught:
            read(path, crs="wgs84")
        words = caught.value.text.zh.removeprefix(f"{name}：")
        assert words
        assert not re.search(r"[a-z]{3,}", re.sub(r"utf-8|gb18030|\.xlsx|Excel", "", words)), words


def test_more_candidates_than_can_be_weighed_are_refused(write, monkeypatch):
    monkeypatch.setattr("gis_service.ingest.candidates.MOST_CANDIDATES", 2)
    assert len(read(write(rows("a,,1,", "b,,1,")))[0]) == 2
    with pytest.raises(InputError, match="有 3 个候选点，最多 2 个"):
        read(write(rows("a,,1,", "b,,1,", "c,,1,")))


def test_what_cannot_be_read_at_all_says_why(write, tmp_path):
    with pytest.raises(InputError, match="没有坐标系，请用 --candidates-crs 写明"):
        read(write(rows("a,,1,")), crs=None)
    with pytest.raises(InputError, match="不认识坐标系“EPSG:1”"):
        read(write(rows("a,,1,")), crs="EPSG:1")
    with pytest.raises(InputError, match="没有这个文件"):
        read(tmp_path / "lost.csv")
    with pytest.raises(InputError, match="这是一个文件夹"):
        read(tmp_path)
    with pytest.raises(InputError, match="不支持这种类型"):
        read(write("", name="rooms.docx"))
