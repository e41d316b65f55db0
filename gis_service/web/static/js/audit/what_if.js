// What would help: sites put on the map, dragged or chosen from a list, and the people they would reach, told at once.

import { postJson } from "../data/fetching.js";
import { following } from "../data/following.js";
import { changedBuildings } from "../rendering/changed_buildings.js";
import { dragMarker } from "../rendering/drag_marker.js";
import { token } from "../rendering/tokens.js";
import { startPrinting } from "../ui/printing.js";
import { carried, carry } from "./carried.js";
import { startComparison } from "./comparison.js";
import { baseLayer, dressMap, drawCommunities, drawFacilities, drawGaps, facilityStyle } from "./ground.js";
import { showFigures, showGains, showRegions, showSites } from "./gains_view.js";
import { followJob } from "./job_line.js";
import { Scenario } from "./scenario.js";

const island = JSON.parse(document.getElementById("page-data").textContent);
const { texts } = island;
const candidates = new Map(island.candidates.map((each) => [each.code, each]));
const CANDIDATES_DRAWN = 800;

let scenario = new Scenario();
let answer = null;

export const fetchedLayer = baseLayer;

export function start(map) {
  dressMap(map, texts);
  startPrinting();
  const changed = changedBuildings(map);
  const markers = new Map(); // key of a site → marker
  const signs = new Map(); // id of a facility → sign
  const questions = following(({ body }) => postJson(island.gainsUrl, body), tell, fail);

  function ask() {
    questions.put({ body: scenario.question() });
  }

  // Of a scenario that has more or fewer sites by now nothing is told: the newer question is on its way.
  function tell(told, { body }) {
    if (body.add.length !== scenario.sites.length || body.close.length !== scenario.closed.size) return;
    answer = told;
    status("");
    showFigures(told, scenario, texts);
    showRegions(told, texts);
    showGains(told, texts);
    changed.draw(told);
    document.documentElement.dataset.scenario = String(scenario.sites.length);
  }

  // The list and the markers are made anew whenever sites come or go; while one is dragged only its place changes.
  function redraw() {
    for (const marker of markers.values()) marker.remove();
    markers.clear();
    scenario.sites.forEach((site, place) => markers.set(site.key, siteMarker(map, site, place + 1, { ask, left })));
    showList();
    for (const [id, sign] of signs) sign.setStyle(facilityStyle(scenario.closed.has(id)));
    ask();
  }

  // A candidate that was dragged elsewhere is that room no more.
  function left(site) {
    site.candidate = null;
    site.name = `${site.name}${texts.moved}`;
    showList();
  }

  function showList() {
    showSites(scenario, null, texts, {
      priced: (site, cost) => { site.cost = cost; if (answer) showFigures(answer, scenario, texts); },
      removed: (site) => { scenario.remove(site.key); redraw(); },
    });
    for (const box of document.querySelectorAll("#candidates input")) box.checked = Boolean(scenario.ofCandidate(box.value));
    if (answer) showGains(answer, texts);
    const closed = document.getElementById("closed");
    closed.hidden = !scenario.closed.size;
    closed.textContent = `${texts.closed}${[...scenario.closed.values()].join("、")}`;
  }

  function addAt({ lng, lat }) {
    const name = `${texts.site} ${scenario.last + 1}`;
    if (scenario.add({ name, lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6)) })) redraw();
  }

  function take(code) {
    const { name, lon, lat, cost } = candidates.get(code);
    scenario.add({ name, lon, lat, cost, candidate: code });
  }

  function open(kept) {
    scenario = restored(kept);
    redraw();
    show(scenario.sites);
    document.getElementById("scenario-title").scrollIntoView({ block: "start" });
  }

  function show(sites) {
    if (sites.length) map.fitBounds(sites.map(({ lon, lat }) => [lat, lon]), { padding: [60, 60], maxZoom: 15 });
  }

  function toggle(id, name) {
    if (!scenario.closed.delete(id)) scenario.closed.set(id, name);
    redraw();
  }

  map.on("click", ({ latlng }) => addAt(latlng));
  document.getElementById("add-centre").addEventListener("click", () => addAt(map.getCenter()));
  document.getElementById("clear").addEventListener("click", () => { scenario.clear(); redraw(); });
  document.getElementById("candidates")?.addEventListener("change", ({ target }) => {
    if (target.checked) take(target.value);
    else scenario.remove(scenario.ofCandidate(target.value)?.key);
    redraw();
  });
  document.getElementById("take-best")?.addEventListener("click", () => {
    scenario.clear();
    for (const { code, rank } of candidates.values()) if (rank !== null) take(code);
    redraw();
    show(scenario.sites);
  });

  drawCommunities(map, island.communitiesUrl).catch(warn);
  drawGaps(map, island.gapsUrl).then((gaps) => gaps.addTo(map)).catch(warn);
  drawFacilities(map, { url: island.facilitiesUrl, kinds: island.kinds }, (code) => facilityStyle(scenario.closed.has(code)), (facility, sign) => {
    sign.on("click", () => facilityCard(facility, toggle));
    signs.set(facility.code, sign);
  }).catch(warn);
  drawCandidates(map, (code) => { if (!scenario.ofCandidate(code)) { take(code); redraw(); } });
  startComparison({
    url: island.scenariosUrl,
    token: island.token,
    kept: island.scenarios,
    texts,
    current: () => ({ scenario }),
    open,
  });
  const form = document.querySelector(".case-form");
  const kept = carried(location.pathname, form);
  if (kept) scenario = restored(kept);
  form?.addEventListener("submit", () => carry(location.pathname, scenario, form));
  redraw();
  if (island.jobUrl) followSiting(form);
}

// The room of another list may have the same code: a site is a candidate only where one of that code stands.
function restored({ sites, closed }) {
  return Scenario.of({ sites: sites.map((site) => ({ ...site, candidate: standsAt(site) ? site.candidate : null })), closed: [...closed] });
}

function standsAt({ candidate, lon, lat }) {
  const found = candidates.get(candidate);
  return Boolean(found) && found.lon === lon && found.lat === lat;
}

function siteMarker(map, site, number, { ask, left }) {
  const follow = (marker) => {
    const { lng, lat } = marker.getLatLng();
    Object.assign(site, { lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6)) });
    if (site.candidate !== null) left(site);
    ask();
  };
  const label = `${site.name}：${texts.move_hint}`;
  const options = { sign: number, className: "sign sign-circle sign-proposed", label, moved: follow, settled: follow };
  return dragMarker([site.lat, site.lon], options).addTo(map);
}

function facilityCard({ code, name }, toggle) {
  const card = document.getElementById("map-card");
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "button small",
    textContent: scenario.closed.has(code) ? texts.reopen : texts.close,
  });
  button.addEventListener("click", () => { toggle(code, name); card.hidden = true; });
  card.replaceChildren(document.createTextNode(`${name} `), button);
  card.hidden = false;
}

function drawCandidates(map, chosen) {
  for (const { code, name, lon, lat } of [...candidates.values()].slice(0, CANDIDATES_DRAWN)) {
    const style = { radius: 5, color: token("ink"), weight: 1.5, fillColor: token("paper"), fillOpacity: 1, bubblingMouseEvents: false };
    const holder = document.createElement("span");
    holder.textContent = name;
    L.circleMarker([lat, lon], style).bindTooltip(holder).on("click", () => chosen(code)).addTo(map);
  }
}

async function followSiting(form) {
  const ended = await followJob(island.jobUrl, texts);
  if (ended.state !== "done") return;
  const next = new URL(island.pageUrl, location.href);
  next.searchParams.set("run", ended.result.run);
  carry(location.pathname, scenario, form);
  location.replace(next);
}

function status(words) {
  const line = document.getElementById("map-status");
  line.textContent = words;
  line.hidden = !words;
}

function fail(error) {
  warn(error);
  status(error.refusal ?? texts.unreachable);
}

function warn(error) {
  console.warn(error);
}
