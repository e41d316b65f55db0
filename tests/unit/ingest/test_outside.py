"""Buildings outside every community: a few are noted, most of them mean a wrong datum or CRS."""

import numpy as np
import pytest

from gis_service.geo.datum import Datum, from_wgs84

CSV = '[files.buildings]\npath = "buildings.csv"\n'


def zh(frames):
    return [note.zh for note in frames.notes]


def write(town, places, datum=Datum.WGS84):
    """Write one building of 5 households at each place, in metres from the town's corner, in the numbers of a datum."""
    rows = []
    for number, (x, y) in enumerate(places):
        lon, lat = from_wgs84(*(np.array([value]) for value in town.lonlat(x, y)), datum)
        rows.append(f"b{number},5,{lon[0]:.9f},{lat[0]:.9f}")
    town.csv("buildings.csv", "\n".join(["id,户数,lon,lat", *rows]))


@pytest.mark.parametrize(
    ("numbers", "declared", "named"),
    [
        (Datum.GCJ02, 'crs = "EPSG:4326"\n', ["现为 EPSG:4326", '请试写 datum = "gcj02"（替换 crs）', "高德"]),
        (Datum.BD09, 'datum = "wgs84"\n', ["现为 wgs84", '请试写 datum = "bd09"', "百度"]),
        (Datum.WGS84, 'datum = "gcj02"\n', ["现为 gcj02", '请试写 datum = "wgs84"', "GPS"]),
        (Datum.BD09, 'datum = "gcj02"\n', ["现为 gcj02", '请试写 datum = "bd09"']),
    ],
)
def test_a_wrong_datum_is_refused_and_the_right_one_named(town, numbers, declared, named):
    write(town, [(25 + 50 * step, 200) for step in range(8)], numbers)
    text = town.refusal(buildings=CSV + declared)
    assert "第 2、3、4、5、6 行等共 8 行不在任何社区内（全部 8 栋中的 8 栋）" in text
    assert "datum 或 crs" in text
    assert "只剩 0% 在社区外" in text
    for part in named:
        assert part in text


def test_most_buildings_outside_are_refused_where_no_datum_helps(town):
    write(town, [(25, 50), (100, 450), (200, 450)])
    text = town.refusal(buildings=CSV + 'crs = "EPSG:4326"\n')
    assert "第 3、4 行不在任何社区内（全部 3 栋中的 2 栋）" in text
    assert "请试写" not in text
    assert "请核对 [files.regions] 的边界" in text


def test_a_table_in_metres_is_not_told_to_try_a_datum(town):
    town.csv("buildings.csv", "id,户数,x,y\nb1,5,521050,3023600\n")
    text = town.refusal(buildings=CSV + 'crs = "EPSG:4549"\n')
    assert "现为 EPSG:4549" in text
    assert "请试写" not in text


def test_half_of_the_buildings_outside_are_noted_with_their_households(town):
    write(town, [(25, 50), (75, 50), (100, 450), (200, 450)])
    frames = town.read(buildings=CSV + 'crs = "EPSG:4326"\n')
    assert frames.buildings["community_code"].tolist() == [town.a, town.a, None, None]
    said = next(text for text in zh(frames) if "不在任何社区内" in text)
    assert said.startswith("第 4、5 行（共 2 栋、10 户）")
    assert "50.0%" in said
    assert "datum 或 crs（现为 EPSG:4326）" in said


def test_the_note_names_the_datum_that_would_put_some_of_them_back(town):
    # Here GCJ-02 numbers read as WGS 84 lie some 430 m east and 350 m south.
    write(town, [(x, 390) for x in (20, 60, 100, 140, 780, 790)], Datum.GCJ02)
    said = next(text for text in zh(town.read(buildings=CSV + 'crs = "EPSG:4326"\n')) if "不在任何社区内" in text)
    assert "占全部楼栋的 33.3%" in said
    assert '请试写 datum = "gcj02"' in said


def test_a_few_outside_are_noted_without_doubting_the_datum(town):
    write(town, [(10 + 7 * step, 50) for step in range(100)] + [(100, 450)])
    said = next(text for text in zh(town.read(buildings=CSV + 'crs = "EPSG:4326"\n')) if "不在任何社区内" in text)
    assert "第 102 行（共 1 栋、5 户）" in said
    assert said.endswith("请核对坐标或社区边界")
    assert "datum" not in said
