// The patterns of the statuses, the same as on the city's map: dots for too small, strokes for too large, and so on.

import { token } from "../rendering/tokens.js";

const SIZE = 9;
const SHARP = 2;

const line = (context, ...places) => {
  context.beginPath();
  places.forEach(([x, y], index) => (index % 2 ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
};

const DRAWN = {
  small(context) {
    for (const at of [2.25, 6.75]) {
      context.beginPath();
      context.arc(at, at, 1.2, 0, 7);
      context.fill();
    }
  },
  large: (context) => line(context, [-1, 10], [10, -1], [-1, 1], [1, -1], [8, 10], [10, 8]),
  conflict: (context) => line(context, [0, 9], [9, 0], [0, 0], [9, 9]),
  special: (context) => line(context, [0, 4.5], [9, 4.5]),
  empty: (context) => line(context, [4.5, 0], [4.5, 9]),
  unassigned: (context) => line(context, [-1, -1], [10, 10], [-1, 8], [1, 10], [8, -1], [10, 1]),
};
const COLOURS = { unassigned: "gap" };
const tiles = new Map();

// A fill in which one pattern pixel is one of the screen, whatever the canvas's own scale; null: none.
export function patternFor(context, status, px) {
  if (!(status in DRAWN)) return null;
  if (!tiles.has(status)) tiles.set(status, tileOf(status));
  const pattern = context.createPattern(tiles.get(status), "repeat");
  pattern.setTransform(new DOMMatrix().scale(px / SHARP));
  return pattern;
}

function tileOf(status) {
  const tile = document.createElement("canvas");
  tile.width = SIZE * SHARP;
  tile.height = SIZE * SHARP;
  const context = tile.getContext("2d");
  context.scale(SHARP, SHARP);
  context.globalAlpha = 0.55;
  context.lineWidth = 1.2;
  context.strokeStyle = token(COLOURS[status] ?? `${status}-edge`);
  context.fillStyle = context.strokeStyle;
  DRAWN[status](context);
  return tile;
}
