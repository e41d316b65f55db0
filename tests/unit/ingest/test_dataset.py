from datetime import date

import pytest

from gis_service.errors import InputError
from gis_service.ingest.dataset import read_dataset
from gis_service.ingest.osm_rules import AccessPolicy

HEAD = """[dataset]
name = "demo"
title = "示范市"
data_date = 2023-06-30
synthetic = true
metric_crs = "EPSG:4549"
licence = "none"
sources = ["a"]
"""
REGIONS = '[files.regions]\npath = "regions.csv"\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "regions.csv").write_text("code,name\n", encoding="utf-8")
    return tmp_path


def read(folder, text):
    (folder / "dataset.toml").write_text(text, encoding="utf-8")
    return read_dataset(folder)


def test_a_dataset_is_described_by_its_toml(folder):
    dataset = read(folder, HEAD + REGIONS + 'datum = "gcj02"\ncolumns = { code = "代码" }\n')
    assert (dataset.name, dataset.title, dataset.data_date) == ("demo", "示范市", date(2023, 6, 30))
    assert dataset.sources == ("a",)
    spec = dataset.files["regions"]
    assert spec.path == (folder / "regions.csv").resolve()
    assert (spec.label, spec.crs, spec.datum, spec.encoding) == ("regions.csv", None, "gcj02", None)
    assert dict(spec.columns) == {"code": "代码"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "demo"', 'name = "示范"', "只能用小写字母"),
        ('name = "demo"', "", "name 缺失"),
        ("2023-06-30", '"2023-06-30"', "不加引号"),
        ("2023-06-30", "2023-06-30T10:00:00", "不是日期"),
        ("synthetic = true", 'synthetic = "yes"', "true 或 false"),
        ("EPSG:4549", "EPSG:4326", "不是以米为单位的投影坐标系"),
        ("EPSG:4549", "EPSG:3857", "网络墨卡托"),
        ("EPSG:4549", "EPSG:2326", "metric_crs“EPSG:2326”与经纬度（WGS 84）往返换算后坐标会移动"),
        ("EPSG:4549", "EPSG:2437", "请改用 CGCS2000 或 WGS 84 的投影坐标系"),
        ('sources = ["a"]', 'sources = "a"', "文字列表"),
        ('licence = "none"', 'license = "none"', "不认识 license"),
        ("[dataset]", "[dataset", "TOML 语法有误（第 1 行第 9 列）"),
        ('sources = ["a"]', 'sources = ["a"', "TOML 语法有误（第 "),
        ("[dataset]", "[data]", "不认识的部分 [data]"),
        ("[files.regions]", "[files.region]", "不认识 [files.region]"),
        ("regions.csv", "../regions.csv", "指到数据文件夹之外"),
        ("regions.csv", "/etc/passwd", "指到数据文件夹之外"),
        ("regions.csv", "towns.csv", "不存在"),
        ("regions.csv", "dataset.toml", "类型不支持"),
        ('path = "regions.csv"', "", "缺少 path"),
        ('path = "regions.csv"', 'path = "regions.csv"\ncrs = "EPSG:999999"', "crs“EPSG:999999”不认识"),
        ('path = "regions.csv"', 'path = "regions.csv"\ncrs = 4326', "crs 应是文字"),
        ('path = "regions.csv"', 'path = "regions.csv"\ndatum = "beijing"', "datum“beijing”不认识"),
        ('path = "regions.csv"', 'path = "regions.csv"\ncrs = "EPSG:4326"\ndatum = "gcj02"', "请只保留一个"),
        ('path = "regions.csv"', 'path = "regions.csv"\nencoding = "gbk2000"', "encoding“gbk2000”不认识"),
        ('path = "regions.csv"', 'path = "regions.csv"\ncolumns = ["a"]', "columns 应写成"),
        ('path = "regions.csv"', 'path = "regions.csv"\nlayer = "a"', "不认识 layer"),
        ("[files.regions]", "[files.buildings]", "缺少 [files.regions]"),
    ],
)
def test_a_wrong_toml_is_refused_with_the_key_and_the_cure(folder, old, new, said):
    with pytest.raises(InputError) as caught:
        read(folder, (HEAD + REGIONS).replace(old, new))
    assert caught.value.text.zh.startswith("dataset.toml：")
    assert said in caught.value.text.zh


def test_a_folder_without_toml_and_no_folder_at_all_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"没有 dataset\.toml"):
        read_dataset(tmp_path)
    with pytest.raises(InputError, match="没有这个文件夹"):
        read_dataset(tmp_path / "none")


def test_a_toml_that_is_no_utf8_is_refused(folder):
    (folder / "dataset.toml").write_bytes((HEAD + REGIONS).encode("gb18030"))
    with pytest.raises(InputError, match="不是 UTF-8 编码"):
        read_dataset(folder)


def test_osm_extracts_are_for_streets_only(folder):
    (folder / "a.osm.pbf").write_bytes(b"")
    text = HEAD + REGIONS + '[files.streets]\npath = "a.osm.pbf"\n'
    assert read(folder, text).files["streets"].label == "a.osm.pbf"
    with pytest.raises(InputError, match="类型不支持"):
        read(folder, text.replace("files.streets", "files.barriers"))


def test_the_hash_covers_toml_files_and_all_parts_of_a_shapefile(folder):
    text = HEAD + REGIONS + '[files.barriers]\npath = "b.shp"\n'
    for suffix in (".shp", ".dbf"):
        (folder / f"b{suffix}").write_bytes(b"1")
    first = read(folder, text).content_hash
    assert read(folder, text).content_hash == first
    (folder / "other.txt").write_bytes(b"1")
    assert read(folder, text).content_hash == first
    (folder / "b.dbf").write_bytes(b"2")
    second = read(folder, text).content_hash
    assert read(folder, text + "\n").content_hash not in (first, second)
    assert first != second


def test_gates_and_private_ways_of_an_extract_are_decided_in_the_toml(folder):
    (folder / "town.osm.pbf").touch()
    streets = '[files.streets]\npath = "town.osm.pbf"\n'
    assert read(folder, HEAD + REGIONS + streets).files["streets"].access == AccessPolicy("as_tagged", "as_tagged")
    access = read(folder, HEAD + REGIONS + streets + 'gates = "open"\nprivate = "open"\n').files["streets"].access
    assert access == AccessPolicy(gates="open", private="open")
    with pytest.raises(InputError, match="gates“ajar”不认识，可用：as_tagged、open、closed"):
        read(folder, HEAD + REGIONS + streets + 'gates = "ajar"\n')
    with pytest.raises(InputError, match="private“closed”不认识，可用：as_tagged、open"):
        read(folder, HEAD + REGIONS + streets + 'private = "closed"\n')


def test_lines_have_no_tags_of_gates(folder):
    (folder / "streets.gpkg").touch()
    with pytest.raises(InputError, match="不认识 gates"):
        read(folder, HEAD + REGIONS + '[files.streets]\npath = "streets.gpkg"\ngates = "open"\n')


@pytest.mark.parametrize(("kind", "name"), [("paths", "paths.gpkg"), ("elevation", "dem.asc")])
def test_paths_and_heights_need_streets(folder, kind, name):
    (folder / name).touch()
    extra = f'[files.{kind}]\npath = "{name}"\n'
    with pytest.raises(InputError, match=r"没有 \[files\.streets\]"):
        read(folder, HEAD + REGIONS + extra)
    (folder / "streets.gpkg").touch()
    files = read(folder, HEAD + REGIONS + extra + '[files.streets]\npath = "streets.gpkg"\n').files
    assert files[kind].label == name


def test_heights_come_as_an_ascii_grid(folder):
    (folder / "dem.tif").touch()
    with pytest.raises(InputError, match=r"类型不支持，可用：\.asc"):
        read(folder, HEAD + REGIONS + '[files.elevation]\npath = "dem.tif"\n')
