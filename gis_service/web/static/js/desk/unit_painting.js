// What is painted of units: fills by grid, patterns by status, borders and what is chosen.

import { token } from "../rendering/tokens.js";
import { UNASSIGNED } from "./draft.js";
import { patternFor } from "./patterns.js";

const FILL = 0.62;

// How each unit looks: equal words, equal pixels. ``standing``: the unit the keyboard stands on, or null.
export function looksOf({ labels, chosen, selected, shown }, listed, standing) {
  const ofGrids = new Map([...listed.values()].map(({ key, hue, status }) => [key, `${key} ${hue} ${status} ${key === chosen}`]));
  return Array.from(labels, (label, unit) => `${ofGrids.get(label) ?? label} ${selected.has(unit)} ${shown.has(unit)} ${unit === standing}`);
}

// ``box`` is what is painted of the plane, [west, north, east, south]; ``px`` one pixel of the screen on it;
// ``inner``: lines between units of one grid too.
export function paintUnits(context, desk, { listed, standing, box, px, inner }) {
  const painting = { context, desk, listed, standing, box, px };
  fill(painting);
  lines(painting, inner);
  choice(painting);
}

function fill({ context, desk, listed, box, px }) {
  const { labels, land } = desk;
  const groups = new Map();
  labels.forEach((label, unit) => {
    const { path, box: [[west, north], [east, south]] } = land.units[unit];
    if (!meets(box, west, north, east, south)) return;
    if (!groups.has(label)) groups.set(label, []);
    groups.get(label).push(path);
  });
  for (const [label, paths] of groups) {
    const grid = listed.get(label);
    context.globalAlpha = FILL;
    context.fillStyle = token(grid ? `grid-${grid.hue}` : "paper");
    for (const path of paths) context.fill(path);
    const pattern = patternFor(context, label === UNASSIGNED ? "unassigned" : grid.status, px);
    context.globalAlpha = 1;
    if (!pattern) continue;
    context.fillStyle = pattern;
    for (const path of paths) context.fill(path);
  }
}

function lines({ context, desk: { labels, land }, box, px }, inner) {
  const [between, within] = [chain(), chain()];
  for (const edge of edgesIn(land, box)) (edge.right >= 0 && labels[edge.left] === labels[edge.right] ? within : between).add(edge);
  context.lineCap = "round";
  context.lineJoin = "round";
  if (inner) stroke(context, within.path, "unit-line", 0.7 * px);
  stroke(context, between.path, "paper", 4.5 * px);
  stroke(context, between.path, "ink", 2 * px);
}

function choice(painting) {
  const { context, desk, standing, px } = painting;
  const { labels, selected, shown, land } = desk;
  if (desk.chosen !== null) outline(painting, (unit) => labels[unit] === desk.chosen, "accent", 4 * px);
  if (shown.size) outline(painting, (unit) => shown.has(unit), "gap", 3.5 * px);
  if (selected.size) {
    context.globalAlpha = 0.35;
    context.fillStyle = token("focus");
    for (const unit of selected) context.fill(land.units[unit].path);
    context.globalAlpha = 1;
    outline(painting, (unit) => selected.has(unit), "focus", 3 * px);
  }
  if (standing !== null) {
    const { path } = land.units[standing];
    stroke(context, path, "paper", 5 * px);
    context.setLineDash([6 * px, 4 * px]);
    stroke(context, path, "ink", 2.5 * px);
    context.setLineDash([]);
  }
}

// Around units for which ``inside`` holds.
function outline({ context, desk, box, px }, inside, colour, width) {
  const around = chain();
  for (const edge of edgesIn(desk.land, box)) {
    if (inside(edge.left) !== (edge.right >= 0 && inside(edge.right))) around.add(edge);
  }
  stroke(context, around.path, "paper", width + 2.5 * px);
  stroke(context, around.path, colour, width);
}

function edgesIn(land, box) {
  return land.edges.filter(({ one: [x0, y0], other: [x1, y1] }) =>
    meets(box, Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)));
}

const meets = ([west, north, east, south], left, top, right, bottom) => left <= east && right >= west && top <= south && bottom >= north;

// Stretches that follow each other on a ring become one line: without a round cap on each, they are painted much faster.
function chain() {
  const path = new Path2D();
  let end = null;
  return {
    path,
    add({ one, other }) {
      if (one !== end) path.moveTo(...one);
      path.lineTo(...other);
      end = other;
    },
  };
}

function stroke(context, path, colour, width) {
  context.lineWidth = width;
  context.strokeStyle = token(colour);
  context.stroke(path);
}
