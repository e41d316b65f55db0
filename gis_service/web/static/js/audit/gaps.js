// The map of the gaps, tied to their list: a row shows its gap, a gap its row.

import { token } from "../rendering/tokens.js";
import { startPrinting } from "../ui/printing.js";
import { baseLayer, dressMap, drawCommunities, drawFacilities, drawGaps, facilityStyle } from "./ground.js";

const island = JSON.parse(document.getElementById("page-data").textContent);
const { texts } = island;
const LABELLED = 40; // more ranks than that would hide the map

export const fetchedLayer = baseLayer;

export function start(map) {
  dressMap(map, texts);
  startPrinting();
  draw(map).catch(fail);
}

async function draw(map) {
  await drawCommunities(map, island.communitiesUrl);
  const shapes = new Map();
  const gaps = await drawGaps(map, island.gapsUrl, {
    interactive: true,
    onEachFeature({ properties }, shape) {
      const rank = properties.code;
      shapes.set(rank, shape);
      shape.on({ mouseover: () => mark(shapes, rank, true), mouseout: () => mark(shapes, rank, false), click: () => choose(rank, properties) });
    },
  });
  gaps.addTo(map);
  if (shapes.size <= LABELLED) {
    for (const [rank, shape] of shapes) shape.bindTooltip(rank, { permanent: true, direction: "center", className: "area-label rank-label" });
  }
  for (const row of document.querySelectorAll("tr[data-gap]")) {
    const rank = row.dataset.gap;
    row.addEventListener("mouseenter", () => mark(shapes, rank, true));
    row.addEventListener("mouseleave", () => mark(shapes, rank, false));
    row.querySelector("button[data-show]").addEventListener("click", () => {
      if (!shapes.has(rank)) return;
      map.fitBounds(shapes.get(rank).getBounds(), { padding: [60, 60], maxZoom: 16 });
      document.querySelector(".map-frame").scrollIntoView({ block: "nearest" });
    });
  }
  await drawFacilities(map, { url: island.facilitiesUrl, kinds: island.kinds }, () => facilityStyle(false), ({ name }, sign) => {
    const holder = document.createElement("span"); // a text node: names never become markup
    holder.textContent = name;
    sign.bindTooltip(holder);
  });
  document.documentElement.dataset.audit = "drawn";
}

const rowOf = (rank) => document.querySelector(`tr[data-gap="${CSS.escape(rank)}"]`);

function mark(shapes, rank, on) {
  shapes.get(rank)?.setStyle(on ? { weight: 2.5, color: token("ink"), dashArray: null } : { weight: 1.2, color: token("gap"), dashArray: "5 3" });
  rowOf(rank)?.classList.toggle("marked", on);
}

function choose(rank, { name, households }) {
  const card = document.getElementById("map-card");
  const link = document.createElement("a");
  link.textContent = `${rank} · ${name}`;
  const row = rowOf(rank);
  const target = row?.querySelector("th a");
  if (target) link.href = target.href;
  card.replaceChildren(link, document.createTextNode(` ${households.toLocaleString(document.documentElement.lang)} ${texts.households}`));
  card.hidden = false;
  row?.scrollIntoView({ block: "nearest" });
}

function fail(error) {
  console.warn(error);
  const line = document.getElementById("map-status");
  line.textContent = texts.map_failed;
  line.hidden = false;
}
