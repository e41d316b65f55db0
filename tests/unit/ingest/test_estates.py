"""Which estate a building belongs to, and how an estate's total reaches its buildings."""

import numpy as np
import pytest

ESTATES = '[files.estates]\npath = "estates.gpkg"\n'


def zh(frames):
    return [note.zh for note in frames.notes]


def estates(town, places, **columns):
    ids = [f"e{number}" for number in range(1, len(places) + 1)]
    frame = town.stored({"id": ids, "name": ids, **columns}, [town.square(*place) for place in places])
    frame.to_file(town.folder / "estates.gpkg")


def buildings(town, **columns):
    frame = town.buildings().assign(**columns)
    frame.to_file(town.folder / "buildings.gpkg")


@pytest.mark.parametrize("column", [None, [None] * 4, ["", "", "", " "]])
def test_buildings_that_name_no_estate_take_the_one_they_stand_in(town, column):
    estates(town, [(90, 90, 50)])
    if column is not None:
        buildings(town, estate_id=column)
    frames = town.read(extra=ESTATES)
    assert frames.buildings["estate_id"].tolist() == [None, "e1", None, None]
    assert any("1 栋楼没有写小区，按位置归入所在的小区" in text for text in zh(frames))


def test_a_building_that_names_an_estate_keeps_it_and_the_others_take_theirs_by_place(town):
    estates(town, [(0, 0, 300)])
    buildings(town, estate_id=["e9", None, None, "e1"])
    assert town.read(extra=ESTATES).buildings["estate_id"].tolist() == ["e9", "e1", None, "e1"]


def test_where_estates_overlap_the_smaller_one_has_the_building(town):
    estates(town, [(0, 0, 300), (90, 90, 50)])
    assert town.read(extra=ESTATES).buildings["estate_id"].tolist() == ["e1", "e2", None, None]


@pytest.mark.parametrize("column", [None, [None] * 4])
def test_an_estates_total_is_spread_by_floor_area_over_buildings_that_only_their_place_assigns(town, column):
    estates(town, [(0, 0, 150)], households=[90])
    changes = {"households": [np.nan, np.nan, 30, 40], "floors": [1, 2, 3, 4]}
    buildings(town, **changes, **({} if column is None else {"estate_id": column}))
    frames = town.read(extra=ESTATES)
    assert frames.buildings["households"].tolist() == [30, 60, 30, 40]
    assert frames.buildings["households_source"].tolist() == ["estimated", "estimated", "observed", "observed"]


def test_a_building_without_households_in_no_estate_with_a_total_is_refused_with_the_cure(town):
    estates(town, [(0, 0, 50)], households=[90])
    buildings(town, households=[np.nan, np.nan, 30, 40])
    text = town.refusal(extra=ESTATES)
    assert text.startswith("buildings.gpkg：第 2 个要素的“households”为空，也没有小区或社区的总户数可以分摊")


def test_a_total_without_a_building_is_told_with_its_households(town):
    estates(town, [(0, 0, 50), (300, 300, 50), (300, 200, 50)], households=[10, 70, 0])
    said = next(text for text in zh(town.read(extra=ESTATES)) if "没有楼栋" in text)
    assert said == "1 个小区有总户数但没有楼栋，共 70 户没有计入，请补上楼栋或核对位置：e2"
