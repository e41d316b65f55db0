// Two versions side by side: maps that move in step, and tables whose rows lead to their place.

import { gridMap, inStep } from "./grid_maps.js";
import { island } from "./page.js";
import { markRow, pickRows } from "./rows.js";

const elements = [...document.querySelectorAll(".look-map")];
const maps = elements.map((element, side) =>
  gridMap(element, island.versions[side], { moved: island.moved, picked: (code) => choose(side, code) }));
inStep(maps);

const changes = [...document.querySelectorAll("#changes tbody tr")];
const bounds = [...document.querySelectorAll(".bounds tbody tr")];
const all = [...changes, ...bounds];

pickRows(changes, (line) => {
  const codes = [line.dataset.old, line.dataset.new];
  maps.forEach((map, side) => map.choose(codes[side] || null));
  markRow(all, line);
  const side = codes[1] ? 1 : 0;
  maps[side].zoomTo([codes[side]]);
});
pickRows(bounds, (line) => {
  const side = Number(line.closest("table").dataset.side);
  choose(side, line.dataset.code, line);
  maps[side].zoomTo([line.dataset.code]);
});

// The grid on its own map; on the other what became of it, or what it came from.
function choose(side, code, line = null) {
  const stays = changes.find(({ dataset, classList }) => !classList.contains("moved") && (side ? dataset.new : dataset.old) === code);
  maps[side].choose(code);
  maps[1 - side].choose(code === null ? null : (side ? stays?.dataset.old : stays?.dataset.new) ?? null);
  markRow(all, line ?? bounds.find((row) => row.dataset.code === code && Number(row.closest("table").dataset.side) === side) ?? null);
}
