// The map of a city: folium's script calls fetchedLayer for every layer, then the page calls start.

import { texts } from "./data/page.js";
import { layerNamed, layerNames, register } from "./data/registry.js";
import { geojsonLayer } from "./rendering/geojson_layer.js";
import { startLabels } from "./rendering/labels.js";
import { isSigned } from "./rendering/signs.js";
import { tileLayer } from "./rendering/tile_layer.js";
import { startLayerControl } from "./ui/layer_control.js";
import { hideDetails } from "./ui/details.js";
import { startPrinting } from "./ui/printing.js";
import { startSearch } from "./ui/search.js";
import { select, selectAt, selectByCode } from "./ui/selection.js";
import { nearestTool } from "./ui/nearest.js";
import { startSheets } from "./ui/sheets.js";
import { startTools, taken } from "./ui/tools.js";
import { whatIfTool } from "./ui/what_if_panel.js";

// Before the map is made: it is fitted to the room that the panels leave once they are sheets.
document.documentElement.classList.add("enhanced");

// Zooms below which a scale holds, and its name.
const SCALES = [[13, "far"], [15, "middle"], [16.5, "near"], [Infinity, "close"]];

export function fetchedLayer(map, record) {
  const layer =
    record.encoding === "mvt"
      ? tileLayer(map, record)
      : geojsonLayer(map, record, (name, chosen, event) => choose(map, name, chosen, event));
  register(record.name, Object.assign(layer, { shown: record.shown }));
}

// A sign stands above everything; of the rest a building, where one is drawn, lies above the area around it.
function choose(map, name, chosen, event) {
  if (taken(event.latlng, isSigned(name) ? chosen : null)) return;
  if (isSigned(name)) select(map, name, chosen, chosen.getLatLng());
  else selectAt(map, event.latlng, () => select(map, name, chosen, event.latlng));
}

export function start(map) {
  const whole = map.getBounds();
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  L.control.zoom({ position: "bottomright", zoomInTitle: texts.say.zoom_in, zoomOutTitle: texts.say.zoom_out }).addTo(map);
  wholeButton(map, whole).addTo(map);
  map.on("zoomend", () => tellScale(map));
  tellScale(map);
  for (const name of ["grids", "catchments"]) followLayer(map, name);
  map.on("click", (event) => taken(event.latlng) || selectAt(map, event.latlng, hideDetails));
  for (const name of layerNames()) if (layerNamed(name).shown) layerNamed(name).show();
  const sheets = startSheets();
  startLayerControl();
  startSearch(map);
  startLabels(map);
  startPrinting();
  startTools(map, { nearest: nearestTool(map), "what-if": whatIfTool(map) });
  window.addEventListener("hashchange", () => followAddress(map, sheets));
  map.whenReady(() => map.invalidateSize());
  followAddress(map, sheets);
  document.documentElement.dataset.layers = layerNames().join(" ");
}

// Line weights and signs follow the scale through the style sheet.
function tellScale(map) {
  const zoom = map.getZoom();
  map.getContainer().dataset.scale = SCALES.find(([below]) => zoom < below)[1];
}

// The style sheet lets clicks through to grids and catchments where they are drawn.
function followLayer(map, name) {
  const layer = layerNamed(name);
  const tell = () => { map.getContainer().dataset[name] = map.hasLayer(layer) ? "shown" : "hidden"; };
  layer?.on("add remove", tell);
}

// #grids/350982001007003 chooses that grid, so that lists can link to the map and people can share a link.
function followAddress(map, sheets) {
  const [name, code] = decodeURIComponent(location.hash.slice(1)).split(/\/(.*)/s);
  if (!code || !layerNamed(name)?.feature) return;
  sheets.close();
  selectByCode(map, name, code);
}

function wholeButton(map, bounds) {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const holder = L.DomUtil.create("div", "leaflet-bar leaflet-control");
    const button = L.DomUtil.create("button", "whole-button", holder);
    button.type = "button";
    button.textContent = "⤢";
    button.title = texts.say.whole;
    button.setAttribute("aria-label", texts.say.whole);
    L.DomEvent.disableClickPropagation(holder);
    button.addEventListener("click", () => map.fitBounds(bounds));
    return holder;
  };
  return control;
}
