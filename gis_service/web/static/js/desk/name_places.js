// Where a grid's name stands: in the unit whose middle lies farthest from the grid's border, so that it fits well inside.

import { placesIn } from "./land.js";

const MOST_TRIED = 40; // places of a grid that are tried, evenly over it

export function placesOf(land, labels) {
  const grids = new Map();
  labels.forEach((label, unit) => {
    if (label < 0) return;
    if (!grids.has(label)) grids.set(label, { units: [], border: [] });
    grids.get(label).units.push(unit);
  });
  for (const edge of land.edges) {
    const beside = edge.right >= 0 ? labels[edge.right] : -1;
    if (labels[edge.left] === beside) continue;
    grids.get(labels[edge.left])?.border.push(edge);
    grids.get(beside)?.border.push(edge);
  }
  return [...grids].map(([key, { units, border }]) => ({ key, ...roomiest(land, units, border) }));
}

function roomiest(land, units, border) {
  let best = { place: null, room: -1 };
  for (const place of placesTried(land, units)) {
    const room = roomAt(place, border, best.room);
    if (room > best.room) best = { place, room };
  }
  return { place: best.place, width: 2 * Math.sqrt(best.room) };
}

// Middles of units; of few units, such as a grid that is drawn as one piece, places at several heights too.
function placesTried(land, units) {
  const heights = Math.floor(MOST_TRIED / units.length);
  if (heights > 1) return units.flatMap((unit) => [land.units[unit].middle, ...placesIn(land.units[unit], heights)]);
  const step = Math.ceil(units.length / MOST_TRIED);
  return units.filter((_, index) => index % step === 0).map((unit) => land.units[unit].middle);
}

// The square of the distance to the border; what is nearer than ``enough`` need not be known exactly.
function roomAt([x, y], border, enough) {
  let room = Infinity;
  for (const { one: [ax, ay], other: [bx, by] } of border) {
    const [dx, dy] = [bx - ax, by - ay];
    const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    const away = (ax + share * dx - x) ** 2 + (ay + share * dy - y) ** 2;
    if (away >= room) continue;
    room = away;
    if (room <= enough) break;
  }
  return room;
}
