"""A draft on a folium map: the desk's editor on our own pages, and the same draft to look at in a notebook."""

from collections.abc import Mapping, Sequence
from typing import Any

from branca.element import MacroElement
from folium.template import Template

HUES = ("#dce8f2", "#f4e6cf", "#dfeadb", "#ead9e6", "#f3dcd5", "#e2e2da")
"""Fills by which grids that touch are told apart; the desk's style sheet has the same."""
EDGE = "#1d2733"
FREE = "#ffffff"
"""Fill of units in no grid."""


class PlanEditor(MacroElement):
    """A draft, to be added to a folium.Map.

    On a page of ours (``url`` given) the browser fetches the draft and the page's script edits it; that page must have
    imported ``planEditor`` from ``static/js/desk/main.js``. In a notebook (``land`` and ``state`` given) the draft lies
    in the map itself and can be looked at, not changed; names pass as escaped JSON and are shown as text only.

    Parameters
    ----------
    url
        Address of the draft under ``/api/v1/drafts``.
    land, state
        What :func:`gis_service.workflows.draft_views.land_view` and ``draft_view`` return.

    Raises
    ------
    ValueError
        Neither an address nor both land and state are given.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            {% if this.land is none %}
            planEditor({{ this._parent.get_name() }}, {{ this.record|tojavascript }});
            {% else %}
            (function (map, land, grids, unassigned) {
                const words = (text) => Object.assign(document.createElement("span"), { textContent: text });
                const layer = L.geoJSON(land, {
                    renderer: L.canvas(),
                    style: ({ properties: { grid } }) => ({
                        weight: 1, color: {{ this.edge|tojson }}, fillOpacity: 0.75,
                        fillColor: grid in grids ? grids[grid].fill : {{ this.free|tojson }},
                    }),
                    onEachFeature: ({ properties: { grid } }, unit) =>
                        unit.bindTooltip(words(grid in grids ? grids[grid].title : unassigned), { sticky: true }),
                }).addTo(map);
                map.fitBounds(layer.getBounds());
            })({{ this._parent.get_name() }}, {{ this.land|tojson }}, {{ this.grids|tojson }},
                {{ this.unassigned|tojson }});
            {% endif %}
        {% endmacro %}
        """
    )

    def __init__(
        self,
        url: str | None = None,
        *,
        land: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
        unassigned: str = "未划入网格",
    ) -> None:
        if (url is None) == (land is None) or (land is None) != (state is None):
            message = "give the address of a draft, or its land and its state"
            raise ValueError(message)
        super().__init__()  # type: ignore[no-untyped-call]  # branca has types for all but this
        self._name = "PlanEditor"
        self.record = {"url": url}
        self.edge, self.free, self.unassigned = EDGE, FREE, unassigned
        self.land = None if land is None or state is None else _labelled(land, state["labels"])
        self.grids = {} if land is None or state is None else _grids(land, state)


def _labelled(land: Mapping[str, Any], labels: Sequence[int]) -> dict[str, Any]:
    """Return the units with nothing but the key of their grid; counts stay at home."""
    features = [
        {"type": "Feature", "properties": {"grid": label}, "geometry": unit["geometry"]}
        for unit, label in zip(land["features"], labels, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _grids(land: Mapping[str, Any], state: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    hues = hues_of(land["borders"], state["labels"])
    return {
        grid["key"]: {
            "fill": HUES[hues.get(grid["key"], 0)],
            "title": f"{grid['label']} · {grid['sentence']}",
        }
        for grid in state["grids"]
    }


def hues_of(borders: Sequence[Sequence[float]], labels: Sequence[int]) -> dict[int, int]:
    """Return for each grid with land the number of a fill that its neighbours do not have, as far as there are `HUES`.

    Parameters
    ----------
    borders
        ``[left, right, …]`` by position of the units that touch.
    labels
        Key of the grid of each unit; negative: none.
    """
    beside: dict[int, set[int]] = {label: set() for label in sorted(set(labels)) if label >= 0}
    for left, right, *_ in borders:
        one, other = labels[int(left)], labels[int(right)]
        if one != other and one >= 0 and other >= 0:
            beside[one].add(other)
            beside[other].add(one)
    hues: dict[int, int] = {}
    for key, others in beside.items():
        taken = {hues[other] for other in others if other in hues}
        hues[key] = next((hue for hue in range(len(HUES)) if hue not in taken), key % len(HUES))
    return hues
