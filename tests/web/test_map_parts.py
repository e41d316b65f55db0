"""The folium map as a pure function of addresses."""

import re

import folium

from gis_service.maps.city_map import city_map, render_parts
from gis_service.maps.fetched_layer import LayerAddress

EXTENT = (120.2, 27.3, 120.3, 27.4)
LAYERS = (
    LayerAddress("base", "/tiles/base/{z}/{x}/{y}.mvt", encoding="mvt", shown=True),
    LayerAddress("grids", "/grids?detail=overview", closer=((15, "/grids"),), min_zoom=3),
)


def test_equal_maps_are_equal_texts() -> None:
    assert render_parts(city_map(extent=EXTENT, layers=LAYERS)) == render_parts(city_map(extent=EXTENT, layers=LAYERS))


def test_layers_come_in_the_order_given_and_carry_addresses_only() -> None:
    script = render_parts(city_map(extent=EXTENT, layers=LAYERS)).script
    assert re.findall(r'"name": "(\w+)"', script) == ["base", "grids"]
    assert '"closer": [[15, "/grids"]]' in script
    assert '"minZoom": 3' in script
    assert len(script) < 2000


def test_only_our_own_assets_are_named() -> None:
    parts = render_parts(city_map(extent=EXTENT, layers=LAYERS))
    assert all(url.startswith("/static/vendor/") for url in (*parts.scripts, *parts.styles))
    assert "http" not in parts.script
    assert parts.html == '<div class="folium-map" id="map_1" ></div>'


def test_folium_itself_is_left_as_it_is() -> None:
    city_map(extent=EXTENT, layers=LAYERS)
    assert dict(folium.Map.default_js)["jquery"].startswith("https://")


def test_signs_of_script_in_an_address_stay_letters() -> None:
    hostile = LayerAddress("grids", "/</script><script>alert(1)</script>`${1}`")
    script = render_parts(city_map(extent=EXTENT, layers=(hostile,))).script
    assert "</script>" not in script
    assert "\\u003c/script\\u003e" in script


def test_the_map_opens_on_the_extent_and_on_the_country_without_one() -> None:
    assert (
        "fitBounds(\n                [[27.3, 120.2], [27.4, 120.3]]"
        in render_parts(city_map(extent=EXTENT, layers=())).script
    )
    assert "[[18.0, 73.0], [54.0, 135.0]]" in render_parts(city_map(extent=None, layers=())).script
