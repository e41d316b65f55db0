// Names of communities, catchments and grids, each drawn only where it fits into its own shape beside signs and other names.

import { layerNamed } from "../data/registry.js";
import { SIGN_PX } from "./signs.js";
import { token } from "./tokens.js";

const LABELLED = [
  { name: "catchments", className: "label label-catchment", font: "600 13px", from: 12, to: 20, lines: 2 },
  { name: "communities", className: "label label-community", font: "600 14px", from: 12, to: 18 },
  { name: "grids", className: "label label-grid", font: "12px", from: 15.5, to: 20 },
];
const OBSTACLES = ["facilities", "other_facilities", "sites"];
const LINE_PX = 18;
const ROOM = 0.75; // a name may stand out of its shape a little, for the shape's neighbours are seldom that close
const HEIGHTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

export function startLabels(map) {
  const group = L.layerGroup().addTo(map);
  map.createPane("labels").style.zIndex = 450;
  map.getPane("labels").classList.add("labels-pane");
  const widthOf = measure();

  function refresh() {
    group.clearLayers();
    const zoom = map.getZoom();
    const view = map.getBounds();
    const taken = signBoxes(map);
    for (const { name, className, font, from, to, lines = 1 } of LABELLED) {
      const layer = layerNamed(name);
      if (!layer || !map.hasLayer(layer) || zoom < from || zoom >= to) continue;
      for (const shape of layer.features()) {
        if (!view.intersects(shape.getBounds())) continue;
        for (const words of broken(shape.feature.properties.name, lines)) {
          const place = freePlace(map, shape, sizeOf(words, (line) => widthOf(line, font)), taken);
          if (place) group.addLayer(label(place, words.join("\n"), className));
          if (place) break;
        }
      }
    }
  }

  map.on("zoomend moveend", refresh);
  for (const name of [...LABELLED.map((kind) => kind.name), ...OBSTACLES]) layerNamed(name)?.on("drawn add remove", refresh);
  refresh();
}

// A name in one line, and where it may take two, in halves.
function broken(name, lines) {
  const middle = Math.ceil(name.length / 2);
  return lines > 1 && name.length > 4 ? [[name], [name.slice(0, middle), name.slice(middle)]] : [[name]];
}

const sizeOf = (lines, widthOf) => ({ width: Math.max(...lines.map(widthOf)), height: lines.length * LINE_PX });

function measure() {
  const context = document.createElement("canvas").getContext("2d");
  return (words, font) => {
    context.font = `${font} ${token("font-sans")}`;
    return context.measureText(words).width + words.length; // letters are spaced a little
  };
}

function signBoxes(map) {
  const scale = Number(getComputedStyle(map.getContainer()).getPropertyValue("--sign-scale")) || 1;
  const half = (SIGN_PX * scale) / 2;
  return OBSTACLES.map(layerNamed)
    .filter((layer) => layer && map.hasLayer(layer))
    .flatMap((layer) => layer.features())
    .map((marker) => boxAround(map.latLngToLayerPoint(marker.getLatLng()), half, half));
}

const boxAround = ({ x, y }, halfWidth, halfHeight) => L.bounds([x - halfWidth, y - halfHeight], [x + halfWidth, y + halfHeight]);

// The first height at which the shape is wide enough and nothing lies in the way; what is found is taken from then on.
function freePlace(map, shape, { width, height }, taken) {
  const box = shape.getBounds();
  for (const share of HEIGHTS) {
    const latitude = box.getSouth() + share * (box.getNorth() - box.getSouth());
    const run = widestRun(shape.feature.geometry, latitude);
    if (!run) continue;
    const west = map.latLngToLayerPoint([latitude, run[0]]);
    const east = map.latLngToLayerPoint([latitude, run[1]]);
    if (east.x - west.x < ROOM * width) continue;
    const words = boxAround({ x: (west.x + east.x) / 2, y: west.y }, width / 2, height / 2);
    if (taken.some((other) => other.intersects(words))) continue;
    taken.push(words);
    return L.latLng(latitude, (run[0] + run[1]) / 2);
  }
  return null;
}

function label(place, words, className) {
  const text = document.createElement("span");
  text.textContent = words;
  const icon = L.divIcon({ html: text, className, iconSize: null });
  return L.marker(place, { icon, interactive: false, keyboard: false, pane: "labels" });
}

// West and east end of the longest stretch of a parallel inside the shape: inside even a crescent.
function widestRun(geometry, latitude) {
  const crossings = crossingsAt(geometry, latitude);
  let best = null;
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const run = [crossings[index], crossings[index + 1]];
    if (!best || run[1] - run[0] > best[1] - best[0]) best = run;
  }
  return best;
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
