"""Odd buildings are kept and told."""

import pytest


def zh(frames):
    return [note.zh for note in frames.notes]


def test_a_building_over_a_border_is_told_with_the_area_outside(town):
    buildings = town.buildings()
    buildings["geometry"] = town.stored(
        {"id": list("1234")},
        [town.square(*place) for place in [(20, 20, 10), (394, 100, 10), (450, 20, 10), (397, 50, 4)]],
    ).geometry
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read()
    assert frames.buildings["community_code"].tolist() == [town.a, town.a, town.b, town.a]
    said = next(text for text in zh(frames) if "跨出所属社区的边界" in text)
    assert said.startswith("第 2、4 个要素（共 2 栋：b2、b4）")
    assert "伸出最多的是 b2，在东山社区之外有 40 平方米" in said


def test_a_building_that_touches_the_border_is_not_told(town):
    buildings = town.buildings()
    buildings.loc[0, "geometry"] = town.stored({"id": ["w"]}, [town.square(390, 20, 10)]).geometry[0]
    buildings.to_file(town.folder / "buildings.gpkg")
    assert not any("跨出" in text for text in zh(town.read()))


def test_two_buildings_on_one_footprint_are_told(town):
    buildings = town.buildings()
    buildings.loc[3, "geometry"] = buildings.geometry[1].reverse()
    buildings.to_file(town.folder / "buildings.gpkg")
    frames = town.read()
    assert frames.buildings["households"].tolist() == [10, 20, 30, 40]
    said = next(text for text in zh(frames) if "图形完全相同" in text)
    assert said.startswith("第 2、4 个要素（共 2 栋：b2、b4）与另一栋楼的图形完全相同")


def test_fewer_residents_than_households_are_told(town):
    buildings = town.buildings().assign(residents=[30, 19, None, 40])
    buildings.to_file(town.folder / "buildings.gpkg")
    said = next(text for text in zh(town.read()) if "人数少于户数" in text)
    assert said.startswith("第 2 个要素（共 1 栋）")


def test_a_sound_town_has_nothing_odd(town):
    assert [note for note in town.read().notes if note.file == "buildings.gpkg"] == []


@pytest.mark.parametrize("field", ["households", "residents"])
def test_counts_that_add_up_to_more_than_can_be_stored_are_refused(town, field):
    header = {"households": "id,户数,lon,lat", "residents": "id,人数,lon,lat,户数"}[field]
    tail = {"households": "", "residents": ",1"}[field]
    town.points_csv(header, [f"b{n},10000000,{{lon}},{{lat}}{tail}" for n in range(7)])
    read = {"buildings": '[files.buildings]\npath = "buildings.csv"\ncrs = "EPSG:4326"\n'}
    assert town.read(**read).buildings[field].sum() == 70_000_000
    lon, lat = town.lonlat(50, 50)
    rows = "".join(f"b{n},10000000,{lon!r},{lat!r}{tail}\n" for n in range(215))
    town.csv("buildings.csv", f"{header}\n{rows}")
    assert "列合计 2150000000，超过上限 2147483647" in town.refusal(**read)
