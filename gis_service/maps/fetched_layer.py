"""The one bridge from Python to the browser's code: a folium element that hands a layer's addresses over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from branca.element import MacroElement
from folium.template import Template

Encoding = Literal["geojson", "mvt"]


@dataclass(frozen=True)
class LayerAddress:
    """Where the browser finds a layer and when it draws it.

    Parameters
    ----------
    name
        Name of the layer; the browser's styles and texts are found by it.
    url
        Address of the GeoJSON, or the template of the tiles' addresses with ``{z}``, ``{x}``, ``{y}``.
    encoding
        ``geojson`` or ``mvt``.
    shown
        Drawn from the start.
    min_zoom
        Smallest zoom at which it is drawn, inclusive.
    closer
        For closer views: zooms, rising, and the addresses of the GeoJSON in more detail that is drawn from there on.
    """

    name: str
    url: str
    encoding: Encoding = "geojson"
    shown: bool = False
    min_zoom: int = 0
    closer: tuple[tuple[int, str], ...] = ()


class FetchedLayer(MacroElement):
    """A layer that the browser fetches by address, so that no data lie in the page.

    The page must have imported ``fetchedLayer`` from ``static/js/main.js``. Nothing but the address record crosses
    over, and as escaped JSON: names of places never pass through a template.

    Parameters
    ----------
    address
        Where the layer is and when it is drawn.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            fetchedLayer({{ this._parent.get_name() }}, {{ this.record|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, address: LayerAddress) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has types for all but this
        self._name = "FetchedLayer"
        self.record: Mapping[str, Any] = {
            "name": address.name,
            "url": address.url,
            "encoding": address.encoding,
            "shown": address.shown,
            "min_zoom": address.min_zoom,
            "closer": address.closer,
        }
