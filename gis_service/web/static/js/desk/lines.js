// What a drawn line does: divide a grid, cut units, or draw a border anew.

import { along, movesOfBorder } from "./new_border.js";
import { say } from "./page.js";

// ``act(path, body)`` asks the server; the line is on the land's plane.
export async function useLine(desk, tools, points, act) {
  if (tools.mode === "border") return moveBorder(desk, tools, points);
  const line = points.map((place) => desk.land.latlng(place)).map(({ lat, lng }) => [lng, lat]);
  const grid = gridToDivide(desk, points);
  if (grid === undefined) return desk.tell(say("line_outside"), "refused");
  const state = tools.mode === "cut" ? await act("cut", { line }) : await act("split", { line, grid });
  if (!state) return undefined;
  tools.use("select");
  return desk.tell(state.said ?? say("divided"));
}

// The chosen grid where the line crosses it, or else the grid most of it runs through.
function gridToDivide(desk, points) {
  const crossed = new Map();
  for (const [label, length] of along(desk.land, desk.labels, points)) crossed.set(label, (crossed.get(label) ?? 0) + length);
  return crossed.has(desk.chosen) ? desk.chosen : [...crossed].sort((one, other) => other[1] - one[1])[0]?.[0];
}

function moveBorder(desk, tools, points) {
  const { moves, fault } = movesOfBorder(desk.land, desk.view.labels, points, desk.chosen);
  if (fault) return desk.tell(say(fault), "refused");
  for (const [key, units] of moves) {
    const hindered = units.find((unit) => desk.hindrance(unit, key) !== null);
    if (hindered !== undefined) return desk.tell(desk.hindrance(hindered, key), "refused");
  }
  desk.do({ kind: "assign", moves: moves.map(([key, units]) => [key, units.map((unit) => desk.land.units[unit].code)]) });
  tools.use("select");
  return desk.tell(say("border_moved", { units: moves.reduce((sum, [, units]) => sum + units.length, 0) }));
}
