// What the tools draw on top of the units while they are used; ``px`` is one pixel of the screen on the canvas's plane.

import { token } from "../rendering/tokens.js";

export function drawBox(context, px, { from, to }) {
  context.setLineDash([6 * px, 4 * px]);
  cased(context, px, () => context.rect(from[0], from[1], to[0] - from[0], to[1] - from[1]));
  context.setLineDash([]);
}

export function drawLine(context, px, points, end) {
  cased(context, px, () => [...points, ...(end ? [end] : [])].forEach((place, index) => (index ? context.lineTo(...place) : context.moveTo(...place))));
  for (const place of points) drawRing(context, px, place, 3.5, false);
}

export function drawRing(context, px, [x, y], radius, crossed) {
  cased(context, px, () => {
    context.moveTo(x + radius * px, y);
    context.arc(x, y, radius * px, 0, 7);
    if (!crossed) return;
    for (const [across, down] of [[1, 0], [0, 1]]) {
      context.moveTo(x - 2 * radius * px * across, y - 2 * radius * px * down);
      context.lineTo(x + 2 * radius * px * across, y + 2 * radius * px * down);
    }
  });
}

// A dark line on a light one, to be seen on every fill.
function cased(context, px, draw) {
  context.beginPath();
  draw();
  context.lineWidth = 4.5 * px;
  context.strokeStyle = token("paper");
  context.stroke();
  context.lineWidth = 2 * px;
  context.strokeStyle = token("ink");
  context.stroke();
}
