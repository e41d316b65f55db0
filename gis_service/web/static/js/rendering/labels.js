// Names of communities and grids, each drawn only while it fits into its own shape.

import { layerNamed } from "../data/registry.js";

const LABELLED = [
  { name: "communities", className: "label label-community", from: 12, to: 16, text: (properties) => properties.name },
  { name: "grids", className: "label label-grid", from: 15, to: 20, text: (properties) => properties.name },
];
const LETTER_PX = 14;
const LINE_PX = 20;

export function startLabels(map) {
  const group = L.layerGroup().addTo(map);
  map.createPane("labels").style.zIndex = 450;
  map.getPane("labels").classList.add("labels-pane");

  function refresh() {
    group.clearLayers();
    const zoom = map.getZoom();
    const view = map.getBounds();
    for (const { name, className, from, to, text } of LABELLED) {
      const layer = layerNamed(name);
      if (!layer || !map.hasLayer(layer) || zoom < from || zoom >= to) continue;
      for (const shape of layer.features()) {
        if (view.intersects(shape.getBounds()) && fits(map, shape, text(shape.feature.properties))) {
          group.addLayer(label(shape, text(shape.feature.properties), className));
        }
      }
    }
  }

  map.on("zoomend moveend", refresh);
  for (const { name } of LABELLED) layerNamed(name)?.on("drawn add remove", refresh);
  refresh();
}

function fits(map, shape, words) {
  const box = shape.getBounds();
  const size = map.latLngToLayerPoint(box.getSouthEast()).subtract(map.latLngToLayerPoint(box.getNorthWest()));
  return size.x > words.length * LETTER_PX && size.y > LINE_PX * 2;
}

function label(shape, words, className) {
  const text = document.createElement("span");
  text.textContent = words;
  const icon = L.divIcon({ html: text, className, iconSize: null });
  return L.marker(innerPoint(shape), { icon, interactive: false, keyboard: false, pane: "labels" });
}

// The middle of the widest run of the shape along the parallel through its box's centre: inside even a crescent.
function innerPoint(shape) {
  const middle = shape.getBounds().getCenter();
  const crossings = crossingsAt(shape.feature.geometry, middle.lat);
  let best = [middle.lng, 0];
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const width = crossings[index + 1] - crossings[index];
    if (width > best[1]) best = [(crossings[index] + crossings[index + 1]) / 2, width];
  }
  return L.latLng(middle.lat, best[0]);
}

function crossingsAt(geometry, latitude) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const found = [];
  for (const ring of polygons.flat()) {
    for (let index = 0; index + 1 < ring.length; index += 1) {
      const [x0, y0] = ring[index];
      const [x1, y1] = ring[index + 1];
      if (y0 > latitude !== y1 > latitude) found.push(x0 + ((latitude - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  return found.sort((a, b) => a - b);
}
