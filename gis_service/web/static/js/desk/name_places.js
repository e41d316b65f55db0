// Where a grid's name stands: in the unit whose middle lies farthest from the grid's border, so that it fits well inside.

const MOST_TRIED = 40; // units of a grid that are tried, evenly over it

export function placesOf(land, labels) {
  const grids = new Map();
  labels.forEach((label, unit) => {
    if (label < 0) return;
    if (!grids.has(label)) grids.set(label, { units: [], border: [] });
    grids.get(label).units.push(unit);
  });
  for (const { left, right, one, other } of land.edges) {
    const beside = right >= 0 ? labels[right] : -1;
    if (labels[left] === beside) continue;
    const middle = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    grids.get(labels[left])?.border.push(one, middle);
    grids.get(beside)?.border.push(one, middle);
  }
  return [...grids].map(([key, { units, border }]) => ({ key, ...roomiest(land, units, border) }));
}

function roomiest(land, units, border) {
  const step = Math.max(1, Math.ceil(units.length / MOST_TRIED));
  let best = { place: null, room: -1 };
  for (let index = 0; index < units.length; index += step) {
    const place = land.units[units[index]].middle;
    const room = roomAt(place, border, best.room);
    if (room > best.room) best = { place, room };
  }
  return { place: best.place, width: 2 * Math.sqrt(best.room) };
}

// The square of the distance to the border; what is nearer than ``enough`` need not be known exactly.
function roomAt([x, y], border, enough) {
  let room = Infinity;
  for (const [bx, by] of border) {
    const away = (bx - x) ** 2 + (by - y) ** 2;
    if (away >= room) continue;
    room = away;
    if (room <= enough) break;
  }
  return room;
}
