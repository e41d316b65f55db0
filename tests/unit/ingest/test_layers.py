import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from gis_service.errors import InputError
from gis_service.ingest.dbf import read_dbf
from gis_service.ingest.layers import read_geojson, read_gpkg, read_parquet, read_shapefile
from gis_service.ingest.reading import read_source

RARE = "虎𬇙镇"


def dbf(fields, records, encoding):
    """Return a dBase table of text fields."""
    header = b"".join(
        name.encode(encoding)[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width]) + b"\0" * 15
        for name, width in fields
    )
    body = b"".join(
        b" "
        + b"".join(value.encode(encoding)[:width].ljust(width) for value, (_, width) in zip(row, fields, strict=True))
        for row in records
    )
    width = 1 + sum(width for _, width in fields)
    head = struct.pack("<B3xIHH20x", 3, len(records), 32 + len(header) + 1, width)
    return head + header + b"\r" + body + b"\x1a"


def spoil_dbf(folder, encoding, fields=(("小区编号", 10), ("小区名称", 20)), rows=(("e1", RARE), ("e2", "怡和苑"))):
    (folder / "estates.dbf").write_bytes(dbf(fields, rows, encoding))
    (folder / "estates.cpg").unlink(missing_ok=True)


@pytest.fixture
def shapefile(town):
    frame = town.stored({"id": ["e1", "e2"], "name": ["a", "b"]}, [town.square(0, 0, 50), town.square(60, 0, 50)])
    frame.to_file(town.folder / "estates.shp")
    return town


def test_a_gbk_dbf_without_cpg_does_not_become_mojibake(shapefile):
    spoil_dbf(shapefile.folder, "gb18030")
    table = read_shapefile(shapefile.spec("estates", "estates.shp"))
    assert table.columns["小区名称"].tolist() == [RARE, "怡和苑"]
    assert table.crs == "EPSG:4326"
    assert table.rows.tolist() == [1, 2]


def test_utf8_cut_by_the_width_of_a_field_is_still_utf8(shapefile):
    spoil_dbf(
        shapefile.folder,
        "utf-8",
        fields=(("小区编号", 10), ("名称", 11)),
        rows=(("e1", "东山小区甲乙"), ("e2", "怡和苑")),
    )
    table = read_shapefile(shapefile.spec("estates", "estates.shp"))
    assert table.columns["名称"].tolist() == ["东山小", "怡和苑"]


@pytest.mark.parametrize(("cpg", "encoding"), [("UTF-8", "gb18030"), ("GBK", "utf-8"), ("ISO-8859-1", "gb18030")])
def test_a_cpg_that_lies_about_the_names_is_told_and_not_believed(shapefile, cpg, encoding):
    spoil_dbf(shapefile.folder, encoding, fields=(("编号", 10), ("名称", 20)))
    (shapefile.folder / "estates.cpg").write_text(cpg)
    table = read_shapefile(shapefile.spec("estates", "estates.shp"))
    assert table.columns["名称"].tolist() == [RARE, "怡和苑"]
    assert [note.zh for note in table.notes] == [
        f".cpg 写的编码“{cpg}”与属性表不符，已改为自动识别；如识别有误请改正 .cpg 文件"
    ]


def test_a_declared_encoding_that_lies_is_refused(shapefile):
    spoil_dbf(shapefile.folder, "gb18030")
    with pytest.raises(InputError, match=r"estates\.shp：文字无法按 utf-8 解码"):
        read_shapefile(shapefile.spec("estates", "estates.shp", encoding="utf-8"))


def test_field_names_cut_to_ten_bytes_are_understood(shapefile):
    spoil_dbf(shapefile.folder, "utf-8")
    table = read_shapefile(shapefile.spec("estates", "estates.shp"))
    assert list(table.columns) == ["小区编", "小区名"]
    source, _ = read_source(shapefile.spec("estates", "estates.shp"))
    assert dict(source.headers)["id"] == "小区编"


def test_the_declared_encoding_overrules_detection(shapefile):
    spoil_dbf(shapefile.folder, "big5", fields=(("id", 10), ("name", 20)), rows=(("e1", "東山"), ("e2", "怡和苑")))
    table = read_shapefile(shapefile.spec("estates", "estates.shp", encoding="big5"))
    assert table.columns["name"].tolist() == ["東山", "怡和苑"]


def test_deleted_records_are_left_out_and_numbers_stay(shapefile):
    spoil_dbf(shapefile.folder, "utf-8", fields=(("id", 10), ("name", 20)))
    data = bytearray((shapefile.folder / "estates.dbf").read_bytes())
    data[32 + 64 + 1] = ord("*")
    (shapefile.folder / "estates.dbf").write_bytes(bytes(data))
    table = read_shapefile(shapefile.spec("estates", "estates.shp"))
    assert table.columns["id"].tolist() == ["e2"]
    assert table.rows.tolist() == [2]


@pytest.mark.parametrize("suffix", [".dbf", ".shx"])
def test_a_missing_part_of_a_shapefile_is_named(shapefile, suffix):
    (shapefile.folder / f"estates{suffix}").unlink()
    with pytest.raises(InputError, match=f"缺少同名的 {suffix} 文件"):
        read_shapefile(shapefile.spec("estates", "estates.shp"))


def test_a_damaged_dbf_is_refused():
    with pytest.raises(InputError, match=r"属性表 \.dbf 已损坏"):
        read_dbf(b"\x03" * 40, cpg=None, declared=None, label="a.shp")


def test_numbers_and_empty_cells_of_a_dbf_are_text_and_none():
    table, _ = read_dbf(
        dbf((("id", 4), ("n", 4)), (("a", " 12"), ("b", "")), "utf-8"), cpg=None, declared=None, label="a"
    )
    assert table.to_numpy().tolist() == [["a", "12"], ["b", None]]


def test_a_zipped_shapefile_is_read_whatever_its_names(shapefile):
    with zipfile.ZipFile(shapefile.folder / "estates.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(shapefile.folder / f"estates{suffix}", f"甲/图层{suffix.upper()}")
    table = read_shapefile(shapefile.spec("estates", "estates.zip"))
    assert table.columns["id"].tolist() == ["e1", "e2"]


def test_geojson_need_not_be_utf8(town):
    frame = town.stored({"id": ["e1"], "name": [RARE]}, [town.square(0, 0, 50)])
    text = frame.to_json(ensure_ascii=False)
    (town.folder / "estates.geojson").write_bytes(text.encode("gb18030"))
    table = read_geojson(town.spec("estates", "estates.geojson"))
    assert table.columns["name"].tolist() == [RARE]
    assert table.crs == "EPSG:4326"


@pytest.mark.parametrize("content", [b"{", b'{"type": "FeatureCollection", "features": [', b'{"a": ' + b"[" * 100_000])
def test_damaged_geojson_is_refused(town, content):
    (town.folder / "a.geojson").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.geojson：文件无法读取.*请重新导出"):
        read_geojson(town.spec("estates", "a.geojson"))


def test_a_damaged_geopackage_is_refused(town):
    (town.folder / "a.gpkg").write_bytes(b"no database")
    with pytest.raises(InputError, match=r"a\.gpkg：文件无法读取"):
        read_gpkg(town.spec("estates", "a.gpkg"))


def test_of_several_layers_the_one_called_like_the_kind_is_read(town):
    path = town.folder / "all.gpkg"
    town.stored({"id": ["e1"], "name": ["a"]}, [town.square(0, 0, 50)]).to_file(path, layer="estates")
    town.buildings().to_file(path, layer="buildings")
    assert read_gpkg(town.spec("estates", "all.gpkg")).columns["id"].tolist() == ["e1"]
    with pytest.raises(InputError, match="有多个图层（estates、buildings）"):
        read_gpkg(town.spec("barriers", "all.gpkg"))


def test_a_table_of_styles_beside_the_layer_does_not_disturb(town):
    path = town.folder / "all.gpkg"
    town.stored({"id": ["e1"], "name": ["a"]}, [town.square(0, 0, 50)]).to_file(path, layer="小区")
    pyogrio.write_dataframe(pd.DataFrame({"styleQML": ["x"]}), path, layer="layer_styles")
    assert read_gpkg(town.spec("estates", "all.gpkg")).columns["id"].tolist() == ["e1"]


def test_geoparquet_and_plain_parquet_are_read(town):
    frame = town.stored({"id": ["b1"], "households": [3]}, [town.square(0, 0, 50)])
    frame.to_parquet(town.folder / "a.parquet")
    table = read_parquet(town.spec("buildings", "a.parquet"))
    assert table.crs == "EPSG:4326"
    assert table.columns["households"].tolist() == ["3"]
    pd.DataFrame({"id": ["b1"], "households": [3], "lon": [120.2], "lat": [27.3]}).to_parquet(town.folder / "b.parquet")
    plain = read_parquet(town.spec("buildings", "b.parquet"))
    assert plain.geometry is None
    assert plain.columns["lon"].tolist() == ["120.2"]


def test_codes_that_a_layer_stores_as_numbers_come_back_as_digits(town):
    frame = gpd.GeoDataFrame(
        {"code": [350902001001.0, np.nan], "ok": [True, False], "n": [1, 2]}, geometry=[None, None], crs=4326
    )
    frame.to_parquet(town.folder / "a.parquet")
    table = read_parquet(town.spec("estates", "a.parquet"))
    assert table.columns.to_numpy().tolist() == [["350902001001", "true", "1"], [None, "false", "2"]]
