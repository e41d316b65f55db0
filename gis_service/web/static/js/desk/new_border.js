// A border between two grids, drawn anew: which units change sides. Units are taken whole; cutting them is another tool.

import { UNASSIGNED } from "./draft.js";

// Returns {moves: [[key, units], …]}, or {fault: name of a sentence}. ``points``: the line, on the land's plane.
export function movesOfBorder(land, labels, points, chosen) {
  const pair = pairAlong(land, labels, points, chosen);
  if (pair === null) return { fault: "line_no_pair" };
  const units = [...labels.keys()].filter((unit) => pair.includes(labels[unit]));
  const moves = (apart(land, labels, units, points, pair) ?? between(land, labels, units, points, pair)).filter(([, moved]) => moved.length);
  return moves.length ? { moves } : { fault: "line_moves_nothing" };
}

// The chosen grid and that beside it which most of the line runs through; or else the two most of it runs through, the
// second, where it runs through one only, being the neighbour where the line begins.
function pairAlong(land, labels, points, chosen) {
  const met = new Map();
  for (const [label, length] of along(land, labels, points)) met.set(label, (met.get(label) ?? 0) + length);
  const order = [...met].sort((one, other) => other[1] - one[1]).map(([label]) => label);
  if (!order.length) return null;
  const metBeside = (grid) => {
    const beside = neighboursOf(land, labels, grid);
    return order.find((label) => label !== grid && beside.has(label));
  };
  const other = chosen === null ? undefined : metBeside(chosen);
  if (other !== undefined) return [chosen, other];
  const [first] = order;
  const second = metBeside(first) ?? nearest(land, labels, first, points[0]);
  return second === null ? null : [first, second];
}

export function* along(land, labels, points) {
  for (let index = 0; index + 1 < points.length; index += 1) {
    const [[x0, y0], [x1, y1]] = [points[index], points[index + 1]];
    const length = Math.hypot(x1 - x0, y1 - y0) / 50;
    for (let share = 0.01; share < 1; share += 0.02) {
      const unit = land.unitAt([x0 + share * (x1 - x0), y0 + share * (y1 - y0)]);
      if (unit !== null && labels[unit] !== UNASSIGNED) yield [labels[unit], length];
    }
  }
}

function neighboursOf(land, labels, grid) {
  const beside = new Set();
  for (const { left, right } of land.edges) {
    if (right < 0 || labels[left] === labels[right]) continue;
    if (labels[left] === grid) beside.add(labels[right]);
    if (labels[right] === grid) beside.add(labels[left]);
  }
  beside.delete(UNASSIGNED);
  return beside;
}

// The neighbour whose border with a grid comes nearest to a place.
function nearest(land, labels, grid, [x, y]) {
  let best = { label: null, away: Infinity };
  for (const { left, right, one } of land.edges) {
    if (right < 0 || labels[left] === labels[right]) continue;
    const label = labels[left] === grid ? labels[right] : labels[right] === grid ? labels[left] : UNASSIGNED;
    const away = Math.hypot(one[0] - x, one[1] - y);
    if (label !== UNASSIGNED && away < best.away) best = { label, away };
  }
  return best.label;
}

// A line from side to side parts the two grids' land: of both parts, each goes to the grid it has most of. Null: it does not.
function apart(land, labels, units, points, [one, other]) {
  const parts = partsWithout(land, units, (from, to) => crosses(points, land.units[from].middle, land.units[to].middle));
  parts.sort((first, second) => areaOf(land, second) - areaOf(land, first));
  const [first, second] = parts;
  if (!second || areaOf(land, second) < areaOf(land, units) / 20) return null;
  const held = (part, label) => areaOf(land, part.filter((unit) => labels[unit] === label));
  const straight = held(first, one) + held(second, other) >= held(first, other) + held(second, one);
  const sides = straight ? [[one, first], [other, second]] : [[one, second], [other, first]];
  return sides.map(([label, part]) => [label, part.filter((unit) => labels[unit] !== label)]);
}

// A line from the border out and back to it: what lies between changes sides, out of the grid that has most of it.
function between(land, labels, units, points, [one, other]) {
  const inside = units.filter((unit) => surrounds(points, land.units[unit].middle));
  const held = (label) => inside.filter((unit) => labels[unit] === label);
  const [giver, taker] = areaOf(land, held(one)) > areaOf(land, held(other)) ? [one, other] : [other, one];
  return [[taker, held(giver)]];
}

function partsWithout(land, units, parted) {
  const left = new Set(units);
  const parts = [];
  for (const begin of units) {
    if (!left.delete(begin)) continue;
    const part = [begin];
    for (const from of part) {
      for (const { unit } of land.neighbours[from]) {
        if (left.has(unit) && !parted(from, unit)) {
          left.delete(unit);
          part.push(unit);
        }
      }
    }
    parts.push(part);
  }
  return parts;
}

const turn = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
const meet = (a, b, c, d) => turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
const crosses = (points, from, to) => points.some((place, index) => index > 0 && meet(points[index - 1], place, from, to));

function surrounds(points, [x, y]) {
  let inside = false;
  for (let index = 0, before = points.length - 1; index < points.length; before = index, index += 1) {
    const [[x0, y0], [x1, y1]] = [points[before], points[index]];
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  }
  return inside;
}

const areaOf = (land, units) => units.reduce((sum, unit) => sum + land.units[unit].rings.reduce((area, ring, hole) => area + (hole ? -1 : 1) * ringArea(ring), 0), 0);

function ringArea(ring) {
  let twice = 0;
  for (let index = 0; index + 1 < ring.length; index += 1) twice += ring[index][0] * ring[index + 1][1] - ring[index + 1][0] * ring[index][1];
  return Math.abs(twice) / 2;
}
