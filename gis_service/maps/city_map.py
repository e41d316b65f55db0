"""The map of a city as a folium.Map: a frame, a base map and layers that the browser fetches by address."""

from collections.abc import Sequence
from dataclasses import dataclass

import folium
from branca.element import Figure

from gis_service.maps.fetched_layer import FetchedLayer, LayerAddress

Extent = tuple[float, float, float, float]
"""West, south, east, north [degrees]."""

COUNTRY: Extent = (73.0, 18.0, 135.0, 54.0)
"""Shown where a city has no geometry at all."""
MIN_ZOOM, MAX_ZOOM = 4, 19
ZOOM_STEP = 0.1
"""Zooms are multiples of this, so that a city fills its window; pictures of Tianditu are sharp at whole zooms only."""
PADDING_PX = 16
TIANDITU_HOSTS = "01234567"
_TRANSPARENT_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""Stands in for a tile that cannot be reached, so that the layers stay readable without the base map."""


class ServiceMap(folium.Map):
    """A folium.Map whose assets are ours: Leaflet and the tile painter from our own origin, nothing else."""

    default_js = [  # noqa: RUF012 folium's own form
        ("leaflet", "/static/vendor/leaflet/leaflet.js"),
        ("protomaps_leaflet", "/static/vendor/protomaps-leaflet/protomaps-leaflet.js"),
    ]
    default_css = [("leaflet_css", "/static/vendor/leaflet/leaflet.css")]  # noqa: RUF012 folium's own form


@dataclass(frozen=True)
class MapParts:
    """A rendered map, to be placed into a page of ours.

    Parameters
    ----------
    scripts, styles
        Addresses of the assets, in loading order.
    html
        The element that the map fills.
    script
        The statements that build the map; expects ``L`` and ``fetchedLayer``.
    name
        JavaScript name of the map.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    html: str
    script: str
    name: str


def city_map(
    *, extent: Extent | None, layers: Sequence[LayerAddress], tianditu_key: str = "", tianditu_label: str = "天地图"
) -> folium.Map:
    """Return the map of a city.

    Parameters
    ----------
    extent
        Box to show [degrees]; None shows the country.
    layers
        What the browser fetches, from the bottom to the top; what the reader may not see must not be among them.
    tianditu_key
        Browser key of Tianditu; empty leaves Tianditu out.
    tianditu_label
        Attribution of Tianditu; plain text.

    Returns
    -------
    folium.Map
        Without tiles, controls or data of its own; element names depend on their order only.
    """
    west, south, east, north = extent or COUNTRY
    page_map = ServiceMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=0,  # so far from what fit_bounds asks for that Leaflet jumps there instead of flying
        zoom_control=False,
        attribution_control=False,
    )
    # folium's own arguments of these names limit tiles only
    page_map.options.update(min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM, zoom_snap=1 if tianditu_key else ZOOM_STEP)
    if tianditu_key:
        for layer in ("vec", "cva"):
            tianditu_layer(layer, tianditu_key, tianditu_label).add_to(page_map)
    for address in layers:
        FetchedLayer(address).add_to(page_map)
    page_map.fit_bounds([[south, west], [north, east]], padding=(PADDING_PX, PADDING_PX))
    _name_in_order(page_map)
    return page_map


def tianditu_layer(layer: str, key: str, label: str) -> folium.TileLayer:
    """Return one Web Mercator layer of Tianditu (``vec``: streets, ``cva``: their labels)."""
    return folium.TileLayer(
        tiles=(
            f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?service=wmts&request=GetTile&version=1.0.0&LAYER={layer}"
            f"&tileMatrixSet=w&TileMatrix={{z}}&TileRow={{y}}&TileCol={{x}}&style=default&format=tiles&tk={key}"
        ),
        attr=label,
        subdomains=TIANDITU_HOSTS,
        max_native_zoom=18,
        max_zoom=MAX_ZOOM,
        error_tile_url=_TRANSPARENT_PIXEL,
    )


def render_parts(page_map: folium.Map) -> MapParts:
    """Return the parts of a map for a page of ours; folium's own page frame (viewport, inline styles) is left out."""
    figure = page_map.get_root()
    assert isinstance(figure, Figure)  # noqa: S101 narrows folium's type; every map stands in a figure
    figure.render()
    return MapParts(
        scripts=tuple(url for _, url in page_map.default_js),
        styles=tuple(url for _, url in page_map.default_css),
        html=figure.html.render().strip(),
        script=figure.script.render().strip(),
        name=page_map.get_name(),
    )


def _name_in_order(page_map: folium.Map) -> None:
    """Replace folium's random element ids by numbers, so that equal maps are equal texts."""
    elements = [page_map.get_root(), page_map]
    for number, element in enumerate(elements):
        element._id = str(number)  # noqa: SLF001 folium offers no other way
        elements.extend(element._children.values() if element is not page_map.get_root() else ())  # noqa: SLF001
