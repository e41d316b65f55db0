// The map comes last and only when wanted: Leaflet and the tiles are fetched then.

import { ask, onAnswer } from "./ask.js";
import { island, say, texts } from "./page.js";

const WIDE = "(min-width: 64rem)"; // as old phones can read it
const CLOSE = 17;
const FINE = 15; // from here on a finger means a house and not a quarter
const CORRECTION_M = 800;
const CHINA = [73, 18, 135, 54]; // of a city without an extent [degrees]
const panel = document.getElementById("map-panel");
const columns = document.querySelector(".find-columns");
const hint = document.getElementById("map-hint");
const tools = document.getElementById("pick-tools");
let opened = null;
let drawn = null;
let picking = false;
let opener = null; // what the reader used last to come to the map

export function startMap() {
  document.getElementById("pick").addEventListener("click", () => pick());
  document.getElementById("pick-centre").addEventListener("click", async () => {
    const map = await open(wholeCity);
    point(map, map.getCenter());
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#show-map")) show(0);
    const path = event.target.closest("[data-path]");
    if (path) show(Number(path.dataset.path));
  });
  document.getElementById("close-map").addEventListener("click", close);
  onAnswer(() => {
    stopPicking();
    follow();
  });
  follow();
}

// Beside a list on a wide screen there is room for the map; on a phone it waits to be asked for.
function follow() {
  const answer = answerData();
  if (answer && (!panel.hidden || window.matchMedia(WIDE).matches)) draw(0).catch(failed);
  else if (!answer) drawn?.remove(); // a sentence or a choice has no ways
}

const answerData = () => {
  const data = document.getElementById("answer-data");
  return data ? JSON.parse(data.textContent) : null;
};

async function show(number) {
  opener = document.activeElement;
  try {
    await draw(number);
    panel.scrollIntoView({ block: "start" });
  } catch (error) {
    failed(error);
  }
}

async function pick() {
  opener = document.activeElement;
  try {
    const map = await open(whereToPick);
    picking = true;
    panel.classList.add("picking");
    drawn?.remove();
    hint.textContent = texts.tap;
    hint.hidden = false;
    tools.hidden = false;
    map.fitBounds(whereToPick());
    panel.scrollIntoView({ block: "nearest" });
  } catch (error) {
    failed(error);
  }
}

function close() {
  stopPicking();
  panel.hidden = true;
  columns.classList.remove("with-map");
  (opener?.isConnected ? opener : document.getElementById("pick")).focus();
}

function stopPicking() {
  picking = false;
  panel.classList.remove("picking");
  hint.hidden = true;
  tools.hidden = true;
}

// Of a whole city a finger covers several streets: the first tap comes closer, the second one counts.
function point(map, latlng) {
  if (map.getZoom() < FINE) {
    map.setView(latlng, FINE + 1);
    hint.textContent = texts.tap_again;
    return;
  }
  ask({ lon: latlng.lng.toFixed(6), lat: latlng.lat.toFixed(6), from: "map" });
}

function failed(error) {
  console.info(error);
  say(texts.map_failed);
}

function wholeCity() {
  const [west, south, east, north] = island.extent ?? CHINA;
  return L.latLngBounds([[south, west], [north, east]]);
}

// Who corrects a position is not far from it.
function whereToPick() {
  const answer = answerData();
  return answer ? L.latLng(answer.origin[1], answer.origin[0]).toBounds(CORRECTION_M) : wholeCity();
}

function wayTo(answer, chosen) {
  const seen = L.latLngBounds([[answer.origin[1], answer.origin[0]]]);
  if (chosen) seen.extend([chosen.lat, chosen.lon]);
  for (const [lon, lat] of chosen?.path ?? []) seen.extend([lat, lon]);
  return seen.pad(0.15);
}

async function open(view) {
  panel.hidden = false;
  columns.classList.add("with-map");
  opened ??= make(view).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

// What is first seen is known before any tile is asked for; what paints tiles comes beside Leaflet.
async function make(view) {
  const painter = island.basemap === "own" ? tilePainter() : null;
  await Promise.all([style(island.vendor.style), script(island.vendor.leaflet), painter]);
  const map = L.map("map", { zoomControl: false, attributionControl: false, maxZoom: 18, zoomSnap: island.basemap === "tianditu" ? 1 : 0.5 });
  L.control.zoom({ position: "bottomright", zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.fitBounds(view(), { maxZoom: CLOSE });
  if (painter) (await painter)(map, { name: "base", url: island.tiles, minZoom: 0 }).show();
  else if (island.basemap === "tianditu") tianditu(map);
  map.on("click", (event) => {
    if (picking) point(map, event.latlng);
  });
  return map;
}

async function tilePainter() {
  await script(island.vendor.tiles);
  return (await import("../rendering/tile_layer.js")).tileLayer;
}

function tianditu(map) {
  for (const layer of ["vec", "cva"]) {
    const query = `SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles`;
    const place = "TILEMATRIX={z}&TILEROW={y}&TILECOL={x}";
    L.tileLayer(`https://t{s}.tianditu.gov.cn/${layer}_w/wmts?${query}&${place}&tk=${encodeURIComponent(island.tianditu_key)}`, { subdomains: "01234567" }).addTo(map);
  }
}

async function draw(number) {
  const answer = answerData();
  if (!answer) return;
  const chosen = answer.stations[number];
  const map = await open(() => wayTo(answer, chosen));
  map.invalidateSize();
  drawn?.remove();
  const start = L.latLng(answer.origin[1], answer.origin[0]);
  const colours = getComputedStyle(document.documentElement);
  const way = (station, chosen) =>
    L.polyline(station.path.map(([lon, lat]) => [lat, lon]), {
      color: colours.getPropertyValue(chosen ? "--accent" : "--ink-soft"),
      weight: chosen ? 6 : 3,
      opacity: chosen ? 0.9 : 0.45,
      interactive: false,
    });
  const parts = answer.stations.filter((station) => station.path && station !== chosen).map((station) => way(station, false));
  if (chosen?.path) parts.push(way(chosen, true));
  if (answer.accuracy_m) parts.push(L.circle(start, { radius: answer.accuracy_m, weight: 1, color: colours.getPropertyValue("--link"), fillOpacity: 0.08, interactive: false }));
  parts.push(marker(start, "origin-mark", "", texts.here));
  answer.stations.forEach((station, index) => {
    const known = CSS.supports("color", `var(--${station.kind.replaceAll("_", "-")})`) ? station.kind : "other";
    parts.push(marker([station.lat, station.lon], `number kind-${known}`, String(index + 1), `${index + 1} ${station.name}`).on("click", () => show(index)));
  });
  drawn = L.featureGroup(parts).addTo(map);
  map.fitBounds(wayTo(answer, chosen), { maxZoom: CLOSE });
  for (const button of document.querySelectorAll("[data-path]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.path) === number));
  }
}

function marker(latlng, className, text, label) {
  const badge = document.createElement("span");
  badge.className = className;
  badge.textContent = text;
  const icon = L.divIcon({ html: badge, className: "number-holder", iconSize: [28, 28] });
  const made = L.marker(latlng, { icon, keyboard: text !== "", interactive: text !== "" });
  made.on("add", () => {
    made.getElement().setAttribute("aria-label", label);
    made.getElement().setAttribute("role", text === "" ? "img" : "button");
  });
  return made;
}

function script(address) {
  return fetched(Object.assign(document.createElement("script"), { src: address }));
}

function style(address) {
  return fetched(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address }));
}

function fetched(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(element.src || element.href)));
    document.head.append(element);
  });
}
