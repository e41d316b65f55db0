"""A draft on a folium map: fetched on our pages, embedded in a notebook."""

import folium
import pytest

from gis_service.maps.city_map import city_map, render_parts
from gis_service.maps.plan_editor import HUES, PlanEditor, hues_of

HOSTILE = "</script><script>alert(1)</script>`${1}`"


def square(x: float) -> dict[str, object]:
    ring = [[x, 0.0], [x + 1, 0.0], [x + 1, 1.0], [x, 1.0], [x, 0.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": f"u{x}", "households": 712}, "geometry": geometry}


LAND = {"features": [square(0), square(1), square(2)], "borders": [[0, 1, 10.0, 0.0], [1, 2, 10.0, 0.0]]}
STATE = {
    "labels": [4, 7, -1],
    "grids": [
        {"key": 4, "label": HOSTILE, "sentence": "301 户"},
        {"key": 7, "label": "第2网格", "sentence": "302 户"},
    ],
}


def test_on_our_pages_only_the_address_crosses_over() -> None:
    page_map = city_map(extent=(0, 0, 3, 1), layers=())
    PlanEditor("/api/v1/drafts/3").add_to(page_map)
    script = render_parts(page_map).script
    assert script.count("planEditor(map_1, {") == 1
    assert '"url": "/api/v1/drafts/3"' in script


def test_in_a_notebook_the_draft_is_shown_without_asking_anybody_and_without_what_may_edit() -> None:
    shown = folium.Map(tiles=None)
    PlanEditor(land=LAND, state=STATE).add_to(shown)
    html = shown.get_root().render()
    assert "planEditor(" not in html
    assert "fetch(" not in html
    assert html.count('"type": "Feature"') == 3
    assert "第2网格" in html or "\\u7b2c2\\u7f51\\u683c" in html
    assert "712" not in html, "counts of units stay at home"


def test_names_stay_letters() -> None:
    shown = folium.Map(tiles=None)
    PlanEditor(land=LAND, state=STATE).add_to(shown)
    html = shown.get_root().render()
    assert "<script>alert" not in html
    assert "textContent" in html


def test_it_needs_an_address_or_a_whole_draft() -> None:
    for wrong in ({}, {"url": "/x", "land": LAND, "state": STATE}, {"land": LAND}):
        with pytest.raises(ValueError, match="give the address"):
            PlanEditor(**wrong)  # type: ignore[arg-type]


def test_grids_that_touch_have_different_fills() -> None:
    side = 5
    borders = [[i, i + 1, 1.0, 0.0] for i in range(side * side) if (i + 1) % side]
    borders += [[i, i + side, 1.0, 0.0] for i in range(side * (side - 1))]
    hues = hues_of(borders, list(range(side * side)))
    assert all(hues[int(left)] != hues[int(right)] for left, right, *_ in borders)
    assert set(hues.values()) <= set(range(len(HUES)))
    assert hues_of([[0, 1, 1.0, 0.0]], [-1, 3]) == {3: 0}
