// The state of a draft in the browser: as the server told it, and with operations that are on their way to it.

import { say, texts } from "./page.js";

export const UNASSIGNED = -1;
const ROUNDING = 1e-6; // residents

export function viewOf(state) {
  return {
    ...state,
    labels: Int32Array.from(state.labels),
    grids: new Map(state.grids.map((grid) => [grid.key, grid])),
    nextKey: state.next_key,
  };
}

// What an operation would make of a view. The server decides; this is shown until it has.
export function applied(view, operation, land) {
  return (APPLY[operation.kind] ?? ((same) => same))(view, operation, land);
}

const APPLY = {
  assign(view, { moves }, land) {
    const labels = view.labels.slice();
    let known = view;
    for (const [key, codes] of moves) {
      if (key === known.nextKey) known = withNewGrid(known, key, null);
      for (const code of codes) if (land.position.has(code)) labels[land.position.get(code)] = key;
    }
    return { ...known, labels };
  },
  unassign: (view, { units }, land) => APPLY.assign(view, { moves: [[UNASSIGNED, units]] }, land),
  merge(view, { grids, into }) {
    return { ...view, labels: view.labels.map((label) => (grids.includes(label) ? into : label)) };
  },
  new_grid: (view, { grid, name }) => (grid === view.nextKey ? withNewGrid(view, grid, name) : view),
  rename: (view, { grid, name }) => withGrid(view, grid, { name, ...(name ? { label: name } : {}) }),
  make_special: (view, { grid, name }) => withGrid(view, grid, { kind: "special", name, label: name }),
  make_base: (view, { grid }) => withGrid(view, grid, { kind: "base" }),
  lock: (view, { grid }) => withGrid(view, grid, { locked: true }),
  unlock: (view, { grid }) => withGrid(view, grid, { locked: false }),
  note: (view, { grid, note }) => withGrid(view, grid, { note }),
  together: (view, { operations }, land) => operations.reduce((known, single) => applied(known, single, land), view),
};

function withGrid(view, key, changes) {
  const grid = view.grids.get(key);
  return grid ? { ...view, grids: new Map(view.grids).set(key, { ...grid, ...changes }) } : view;
}

function withNewGrid(view, key, name) {
  const label = name ?? say("new_grid", { key: key + 1 });
  const grid = { key, code: null, name, title: label, label, kind: "base", locked: false, note: "", sentence: "" };
  return { ...view, grids: new Map(view.grids).set(key, grid), nextKey: key + 1 };
}

// Of operations those that a view lacks: what was sent without an answer may have been done after all.
export function lacking(view, operations, land) {
  let known = view;
  return operations.filter((operation) => {
    const after = applied(known, operation, land);
    if (isSame(known, after)) return false;
    known = after;
    return true;
  });
}

function isSame(view, after) {
  return after.nextKey === view.nextKey && same(after.labels, view.labels) && tells(after.grids) === tells(view.grids);
}

const same = (one, other) => one.every((label, index) => label === other[index]);
const tells = (grids) => JSON.stringify([...grids.values()].map(({ key, name, kind, locked, note }) => [key, name, kind, locked, note]));

// What each grid holds by given labels; residents are null as soon as those of one unit are unknown.
export function totalsOf(grids, labels, land) {
  const totals = new Map([[UNASSIGNED, nothing()]]);
  for (const key of grids.keys()) totals.set(key, nothing());
  labels.forEach((label, index) => {
    const total = totals.get(label);
    const unit = land.units[index];
    total.units += 1;
    total.households += unit.households;
    total.residents = total.residents === null || unit.residents === null ? null : total.residents + unit.residents;
  });
  return totals;
}

const nothing = () => ({ units: 0, households: 0, residents: 0 });

// How a grid stands against the size rule; the same as gis_service.plan.rules.judge.
export function statusOf(grid, { units, households, residents }, rules) {
  if (units === 0) return "gone";
  if (grid.kind === "special") return "special";
  if (households === 0 && !residents) return "empty";
  const byHouseholds = test(households, rules.households);
  const byResidents = residents === null ? null : test(residents, rules.residents);
  if (byResidents === null || rules.basis === "households") return byHouseholds;
  if (rules.basis === "residents") return byResidents;
  if (byHouseholds === "normal" || byResidents === "normal") return "normal";
  return byHouseholds === byResidents ? byHouseholds : "conflict";
}

// Whether some units may make two grids in range, by their counts alone: false is certain, how they lie is not asked.
export function allowsTwo(units, rules) {
  const sum = (name) => units.reduce((total, unit) => total + unit[name], 0);
  const [households, residents] = [sum("households"), sum("residents")];
  const twice = (value, [low, high]) => 2 * low <= value && value <= 2 * high;
  const byHouseholds = twice(households, rules.households);
  const unknown = units.filter((unit) => unit.residents === null).length;
  if (unknown === units.length || rules.basis === "households") return byHouseholds;
  if (unknown) return true; // which of the two they count in is open
  if (rules.basis === "residents") return twice(residents, rules.residents);
  if (byHouseholds || twice(residents, rules.residents)) return true;
  const [fewest, most] = rules.households; // of the one that passes by households, the other by residents
  return households >= fewest
    && mostResidents(units, most) >= residents - rules.residents[1] - ROUNDING
    && mostResidents(units, households - fewest) >= rules.residents[0] - ROUNDING;
}

// The most residents among so many households, parts of units allowed: no choice of whole units has more.
function mostResidents(units, households) {
  const fullest = units.filter((unit) => unit.residents > 0).sort((one, other) => other.residents * one.households - one.residents * other.households);
  let [left, most] = [households, 0];
  for (const unit of fullest) {
    const share = unit.households > left ? left / unit.households : 1;
    most += share * unit.residents;
    left -= share * unit.households;
  }
  return most;
}

const test = (value, [low, high]) => (value < low ? "small" : value > high ? "large" : "normal");

export const statusName = (status) => texts.status[status];
