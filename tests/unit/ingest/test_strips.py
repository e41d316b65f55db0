"""Land between communities that belongs to none is told where it is a strip."""

import pytest
from shapely import box, unary_union


def told(town, shapes):
    """Return what is told of the town's communities with these polygons, moved from the origin to the town."""
    regions = town.regions()
    for row, shape in zip((3, 4), shapes, strict=True):
        moved = [box(*[a + b for a, b in zip(part.bounds, (521000, 3023000) * 2, strict=True)]) for part in shape]
        regions.loc[row, "geometry"] = town.stored({"id": ["x"]}, [unary_union(moved)]).geometry[0]
    regions.to_file(town.folder / "regions.gpkg")
    return [note.zh for note in town.read().notes if "空隙" in note.zh]


@pytest.mark.parametrize("width", [0.3, 49])
def test_a_strip_between_two_communities_is_told_with_its_area(town, width):
    (said,) = told(town, ([box(0, 0, 400 - width, 400)], [box(400, 0, 800, 400)]))
    area = f"{width * 400:.0f} 平方米"
    assert said == (
        f"社区之间有 1 处宽不到 50 米的空隙不属于任何社区，共 {area}（东山社区、西山社区之间 {area}），"
        "其中的楼栋不参加划分，请核对边界"
    )


def test_a_hole_between_two_communities_is_told(town):
    first = [box(0, 0, 390, 400), box(390, 0, 400, 100), box(390, 200, 400, 400)]
    (said,) = told(town, (first, [box(400, 0, 800, 400)]))
    assert "共 1000 平方米" in said


@pytest.mark.parametrize(
    "shapes",
    [
        ([box(0, 0, 400, 400)], [box(400, 0, 800, 400)]),
        ([box(0, 0, 349, 400)], [box(400, 0, 800, 400)]),
        ([box(0, 0, 400, 400)], [box(400, 100, 800, 300)]),
        ([box(0, 0, 100, 400), box(0, 0, 400, 180), box(0, 220, 400, 400)], [box(500, 0, 800, 400)]),
        ([box(0, 0, 399.98, 400)], [box(400, 0, 800, 400)]),
    ],
    ids=["no gap", "wide land", "steps of the outline", "an inlet of one community", "8 m² of rounding"],
)
def test_what_is_no_strip_between_communities_is_not_told(town, shapes):
    assert told(town, shapes) == []
