"""Estates and given grids that overlap or cross a border come in, and it is told."""

import pytest

ESTATES = '[files.estates]\npath = "estates.gpkg"\n'
PLAN = '[files.plan]\npath = "plan.gpkg"\n'


def told(frames, file):
    return [note.zh for note in frames.notes if note.file == file]


def estates(town, *places):
    ids = [f"e{number}" for number in range(1, len(places) + 1)]
    frame = town.stored({"id": ids, "name": ["甲苑", "乙苑", "丙苑", "丁苑", "戊苑"][: len(ids)]}, list(places))
    frame.to_file(town.folder / "estates.gpkg")


def grids(town, kinds, *places):
    frame = town.stored({"name": ["市场", "校园", "园区"][: len(kinds)], "kind": kinds}, list(places))
    frame.to_file(town.folder / "plan.gpkg")


def test_overlapping_estates_are_told_by_name_with_the_area(town):
    estates(town, town.square(0, 0, 100), town.square(90, 0, 100), None, town.square(190, 0, 50))
    frames = town.read(extra=ESTATES)
    assert len(frames.estates) == 4
    assert told(frames, "estates.gpkg") == [
        "有 1 对小区互相重叠：e1 甲苑 与 e2 乙苑（1000 平方米）；没有写小区的楼栋归面积较小的小区，请核对边界"
    ]


def test_the_largest_overlaps_are_named_and_the_others_counted(town):
    estates(town, town.square(0, 0, 200), *(town.square(20 * step, 0, 10 + step) for step in range(4)))
    (said,) = told(town.read(extra=ESTATES), "estates.gpkg")
    assert said.startswith(
        "有 4 对小区互相重叠：e1 甲苑 与 e5 戊苑（169 平方米）、e1 甲苑 与 e4 丁苑（144 平方米）、"
        "e1 甲苑 与 e3 丙苑（121 平方米）等；"
    )


def test_an_estate_over_a_border_is_told_with_the_area_outside(town):
    estates(town, town.square(380, 0, 50), town.square(300, 0, 50), None)
    (said,) = told(town.read(extra=ESTATES), "estates.gpkg")
    assert said == (
        "有 1 个小区跨出一个社区的边界：e1 甲苑（1000 平方米在外）；"
        "楼栋各归所在的社区，同一小区会分在不同社区的网格，请核对边界"
    )


def test_estates_without_community_polygons_are_not_told_to_cross(town):
    town.regions().drop(columns="geometry").to_csv(town.folder / "regions.csv", index=False)
    estates(town, town.square(380, 0, 50))
    frames = town.read(regions='[files.regions]\npath = "regions.csv"\n', extra=ESTATES)
    assert told(frames, "estates.gpkg") == []


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (
            ["special", "special"],
            ["有 1 对专属网格互相重叠：市场 与 校园（1000 平方米）；重叠的地方只归名称排在前面的一个，请核对边界"],
        ),
        (["base", "base"], ["有 1 对现有网格互相重叠：市场 与 校园（1000 平方米）；已按原样保留，请核对边界"]),
        (["base", "special"], []),
    ],
)
def test_given_grids_of_one_kind_that_overlap_are_told(town, kinds, said):
    grids(town, kinds, town.square(0, 0, 100), town.square(90, 0, 100))
    frames = town.read(extra=PLAN)
    assert len(frames.given_grids) == 2
    assert told(frames, "plan.gpkg") == said


def test_neighbours_are_not_told(town):
    grids(town, ["special", "special"], town.square(0, 0, 100), town.square(100, 0, 100))
    estates(town, town.square(300, 0, 100), town.square(400, 0, 100))
    frames = town.read(extra=PLAN + ESTATES)
    assert told(frames, "plan.gpkg") == told(frames, "estates.gpkg") == []
