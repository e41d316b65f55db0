// Which grids lie beside the chosen one: those it may be merged into, and those it may be balanced with.

import { allowsTwo, UNASSIGNED } from "./draft.js";
import { count, say, texts } from "./page.js";

// Metres of border that other grids share with the chosen one, by key.
function bordersOf(desk) {
  const shared = new Map();
  for (const [left, right, length] of desk.land.borders) {
    const beside = acrossFrom(desk, left, right);
    if (beside !== null) shared.set(beside, (shared.get(beside) ?? 0) + length);
  }
  return shared;
}

// The same and, with no metres, grids that only a bridge leads to: where land lies apart they make one grid, too.
function neighboursOf(desk) {
  const shared = bordersOf(desk);
  for (const [left, right] of desk.land.bridges) {
    const beside = acrossFrom(desk, left, right);
    if (beside !== null && !shared.has(beside)) shared.set(beside, 0);
  }
  return shared;
}

// The grid that lies across a border of the chosen one; null where it is none of its borders.
function acrossFrom(desk, left, right) {
  const [one, other] = [desk.view.labels[left], desk.view.labels[right]];
  if (one === other || (one !== desk.chosen && other !== desk.chosen)) return null;
  const beside = one === desk.chosen ? other : one;
  return beside === UNASSIGNED ? null : beside;
}

// Other grids with land, those that share most border first; locked ones are told and cannot be chosen.
export function mergeOptions(desk) {
  const shared = bordersOf(desk);
  return desk.grids().listed
    .filter(({ key, units }) => key !== desk.chosen && units)
    .sort((one, other) => one.locked - other.locked || (shared.get(other.key) ?? 0) - (shared.get(one.key) ?? 0))
    .map(({ key, label, households, locked }) => ({
      value: String(key), disabled: locked,
      label: say(shared.has(key) ? "beside" : "apart", { grid: label, households: count(households) }) + (locked ? ` · ${texts.mark.locked}` : ""),
    }));
}

// Grids beside the chosen one that it may be balanced with: first those with which two grids in range are possible.
export function balanceOptions(desk) {
  const [near, own] = [neighboursOf(desk), desk.unitsOf(desk.chosen)];
  return desk.grids().listed
    .filter(({ key, kind, locked }) => near.has(key) && kind === "base" && !locked)
    .map(({ key, label, households }) => {
      const units = [...own, ...desk.unitsOf(key)].map((unit) => desk.land.units[unit]);
      const both = units.reduce((sum, unit) => sum + unit.households, 0);
      const able = allowsTwo(units, desk.view.rules);
      const told = say(able ? "balance_able" : "balance_unable", { grid: label, households: count(households), both: count(both) });
      return { value: String(key), label: told, disabled: !able, metres: near.get(key) };
    })
    .sort((one, other) => one.disabled - other.disabled || other.metres - one.metres);
}

// Why the chosen grid has nothing to be balanced with, where no neighbour is open to it.
export function whyAlone(desk) {
  const near = neighboursOf(desk);
  const locked = desk.grids().listed.some((grid) => near.has(grid.key) && grid.kind === "base" && grid.locked);
  return say(locked ? "balance_locked" : "balance_alone");
}
