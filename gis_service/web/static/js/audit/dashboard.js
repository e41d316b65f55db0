// The dashboard's map: regions or grids coloured by one figure, with text beside every colour, tied to the rows below.

import { fetchJson } from "../data/fetching.js";
import { token } from "../rendering/tokens.js";
import { startPrinting } from "../ui/printing.js";
import { baseLayer, dressMap, drawGaps } from "./ground.js";
import { percentOf } from "./percent.js";
import { startPapers } from "./papers.js";

const island = JSON.parse(document.getElementById("page-data").textContent);
const { texts } = island;
const BY_STATUS = "status";
const WITHIN = /^households_.+_min_share$/; // the last of them is the cut-off that decides
const LABELLED = 60; // more areas than that would hide the map behind their labels
// Five classes from few to many, light to dark in one hue, so that they survive grey prints.
const CLASSES = [
  { below: 0.2, fill: "#edf3f8", ink: "#1d2733" },
  { below: 0.4, fill: "#c3d8e8", ink: "#1d2733" },
  { below: 0.6, fill: "#8bb4d3", ink: "#1d2733" },
  { below: 0.8, fill: "#4f87b3", ink: "#ffffff" },
  { below: Infinity, fill: "#1f567f", ink: "#ffffff" },
];
const UNKNOWN = { fill: "#eeeae2", ink: "#1d2733" };

const percent = (share) => (share === null || share === undefined ? texts.unknown : percentOf(share));
const classOf = (share) => (share === null || share === undefined ? UNKNOWN : CLASSES.find(({ below }) => share < below));
const filtered = island.filtered === null ? null : new Set(island.filtered);
const linkOf = (code) => island.rowUrl.replace("CODE", encodeURIComponent(code));
const rowOf = (code) => document.querySelector(`tr[data-code="${CSS.escape(code)}"]`);

export const fetchedLayer = baseLayer;

export function start(map) {
  dressMap(map, texts);
  startPrinting();
  startPapers(island.token, texts);
  const choice = document.getElementById("map-measure");
  const options = [...(island.level === "grid" ? [{ key: BY_STATUS, label: texts.by_status }] : []), ...island.measures];
  for (const { key, label } of options) choice.append(new Option(label, key));
  const preferred =
    options.find(({ key }) => key === island.sort) ??
    options.find(({ key }) => key === BY_STATUS) ??
    options.findLast(({ key }) => WITHIN.test(key)) ??
    options[0];
  if (preferred) choice.value = preferred.key;
  draw(map, choice).catch(fail);
  showGaps(map).catch(fail);
}

async function draw(map, choice) {
  const collection = await fetchJson(island.areasUrl);
  const drawn = new Map();
  const layer = L.geoJSON(collection, {
    onEachFeature(feature, area) {
      drawn.set(feature.properties.code, area);
      area.on("mouseover", () => mark(drawn, feature.properties.code));
      area.on("mouseout", () => unmark(drawn, feature.properties.code));
      area.on("click", () => choose(drawn, feature.properties, choice.value));
    },
  }).addTo(map);
  if (collection.features.length) map.fitBounds(layer.getBounds(), { padding: [12, 12] });
  const paint = () => {
    for (const area of drawn.values()) {
      area.setStyle(styleOf(area.feature.properties, choice.value));
      area.unbindTooltip();
      if ((filtered ?? drawn).size <= LABELLED && isShown(area.feature.properties)) area.bindTooltip(labelOf(area.feature.properties, choice.value), { permanent: true, direction: "center", className: "area-label" });
    }
    legend(choice.value, collection.features.filter(({ properties }) => isShown(properties)));
  };
  choice.addEventListener("change", paint);
  paint();
  for (const row of document.querySelectorAll("tr[data-code]")) {
    row.addEventListener("mouseenter", () => mark(drawn, row.dataset.code));
    row.addEventListener("mouseleave", () => unmark(drawn, row.dataset.code));
  }
  document.documentElement.dataset.audit = "drawn";
}

async function showGaps(map) {
  const box = document.getElementById("map-gaps");
  map.createPane("gaps").style.zIndex = 430;
  const layer = await drawGaps(map, island.gapsUrl, { pane: "gaps" });
  const follow = () => (box.checked ? layer.addTo(map) : layer.remove());
  box.addEventListener("change", follow);
  follow();
}

function styleOf(properties, measure) {
  if (!isShown(properties)) return { color: token("community"), weight: 0.6, opacity: 0.4, fillColor: token("ground"), fillOpacity: 0.6 };
  const line = { color: token("community"), weight: 1.2, opacity: 0.9, fillOpacity: 0.85 };
  if (measure !== BY_STATUS) return { ...line, fillColor: classOf(properties[measure]).fill };
  return { ...line, color: token(`${properties.status}-edge`), fillColor: `url(#fill-${properties.status})`, fillOpacity: 1 };
}

// What the filter of the table leaves out is pale on the map.
function isShown({ code }) {
  return filtered === null || filtered.has(code);
}

// Built from text nodes: names never become markup.
function labelOf(properties, measure) {
  const holder = document.createElement("span");
  const name = document.createElement("b");
  name.textContent = properties.name;
  const value = document.createElement("span");
  value.textContent = valueOf(properties, measure);
  holder.append(name, document.createElement("br"), value);
  return holder;
}

function valueOf(properties, measure) {
  return measure === BY_STATUS ? texts.status[properties.status] : percent(properties[measure]);
}

function legend(measure, features) {
  const key = document.getElementById("map-key");
  const entry = (className, fill, words) => {
    const item = document.createElement("li");
    const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    swatch.setAttribute("viewBox", "0 0 26 18");
    swatch.setAttribute("class", "swatch");
    swatch.setAttribute("aria-hidden", "true");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: 1, y: 1, width: 24, height: 16, rx: 2, fill, class: className })) rect.setAttribute(name, value);
    swatch.append(rect);
    item.append(swatch, document.createTextNode(words));
    return item;
  };
  if (measure === BY_STATUS) {
    const present = Object.keys(texts.status).filter((status) => features.some(({ properties }) => properties.status === status));
    key.replaceChildren(...present.map((status) => {
      const number = features.filter(({ properties }) => properties.status === status).length;
      return entry(`edge-${status}`, `url(#fill-${status})`, `${texts.status[status]} ${number}`);
    }));
    return;
  }
  const bounds = CLASSES.map(({ fill }, place) => entry("edge-class", fill, `${20 * place}–${20 * (place + 1)}%`));
  const unknown = features.some(({ properties }) => properties[measure] === null || properties[measure] === undefined);
  key.replaceChildren(...bounds, ...(unknown ? [entry("edge-class", UNKNOWN.fill, texts.unknown)] : []));
}

function mark(drawn, code) {
  drawn.get(code)?.setStyle({ weight: 3.5, color: token("ink") });
  drawn.get(code)?.bringToFront();
  rowOf(code)?.classList.add("marked");
}

function unmark(drawn, code) {
  const choice = document.getElementById("map-measure");
  const area = drawn.get(code);
  if (area) area.setStyle(styleOf(area.feature.properties, choice.value));
  rowOf(code)?.classList.remove("marked");
}

function choose(drawn, properties, measure) {
  const card = document.getElementById("map-card");
  const row = rowOf(properties.code);
  const name = document.createElement("a");
  name.textContent = properties.name;
  name.href = linkOf(properties.code); // its row may stand on another page
  card.replaceChildren(name, document.createTextNode(` ${valueOf(properties, measure)}`));
  card.hidden = false;
  row?.scrollIntoView({ block: "nearest" });
}

function fail(error) {
  console.warn(error);
  const line = document.getElementById("map-status");
  line.textContent = texts.failed;
  line.hidden = false;
}
