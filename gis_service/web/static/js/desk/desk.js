// The desk: what is shown of a draft, what is chosen on it, and the one way in which anything is done to it.

import { huesOf } from "./colours.js";
import { applied, statusOf, totalsOf, UNASSIGNED, viewOf } from "./draft.js";
import { landOf } from "./land.js";
import { say } from "./page.js";

export class Desk {
  constructor(server, tell) {
    this.server = server;
    this.tell = tell; // says a sentence: tell(words, "done" | "refused")
    this.listeners = [];
    this.land = null;
    this.state = null; // as the server told it
    this.view = null; // with what is on its way
    this.preview = null; // labels while the pointer moves
    this.selected = new Set();
    this.shown = new Set(); // units a finding points to
    this.chosen = null; // key of a grid
    this.focused = null; // unit the keyboard stands on
    this.wholeEstates = false;
    this.hues = new Map();
    this.outbox = null;
    this.commands = new Map(); // by name
    this.codes = null; // those of its grids on approval
    this.held = false; // whether work cannot be sent now: what the server judged is older than what is shown
  }

  get labels() {
    return this.preview ?? this.view.labels;
  }

  get editable() {
    return this.state.may.edit;
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  // ``what``: "land", "state", "labels" while the pointer moves, "codes", or "choice".
  changed(what) {
    for (const listener of this.listeners) listener(what);
  }

  async adopt(state) {
    const land = await this.landOf(state);
    const moved = land !== this.land;
    if (moved) this.useLand(land);
    this.state = state;
    this.recount();
    if (moved) this.changed("land");
    this.changed("state");
  }

  async landOf(state) {
    return this.land?.version === state.land ? this.land : landOf(await this.server.readLand());
  }

  useLand(land) {
    const code = this.focused === null ? null : this.land.units[this.focused].code;
    this.land = land;
    this.preview = null;
    this.selected = new Set();
    this.shown = new Set();
    this.focused = land.position.get(code) ?? null;
  }

  // The view is the server's state and, on top of it, what is on its way there.
  recount() {
    this.view = this.outbox.entries.reduce((view, operation) => applied(view, operation, this.land), viewOf(this.state));
    this.preview = null;
    if (this.chosen !== null && !this.view.grids.has(this.chosen)) this.chosen = null;
    this.hues = huesOf(this.hues, [...this.view.grids.keys()], this.view.labels, this.land.borders);
  }

  hold(held) {
    if (held === this.held) return;
    this.held = held;
    this.changed("state");
  }

  do(operation) {
    this.outbox.add(operation);
    this.recount();
    this.changed("state");
  }

  // The grids as they are listed: those with land by number, then the others; each with its totals and status.
  grids() {
    const totals = totalsOf(this.view.grids, this.labels, this.land);
    const before = this.preview ? totalsOf(this.view.grids, this.view.labels, this.land) : totals;
    const listed = [...this.view.grids.values()].map((grid) => ({
      ...grid,
      ...totals.get(grid.key),
      gained: totals.get(grid.key).households - before.get(grid.key).households,
      status: statusOf(grid, totals.get(grid.key), this.view.rules),
      hue: this.hues.get(grid.key),
    }));
    return {
      listed: [...listed.filter(({ units }) => units), ...listed.filter((grid) => this.isEmptyButListed(grid))],
      free: totals.get(UNASSIGNED),
    };
  }

  // Emptied grids that never had a code are forgotten, but for the newest: it may just have been made.
  isEmptyButListed({ units, code, name, key }) {
    return !units && (code !== null || name !== null || key === this.chosen || key === this.view.nextKey - 1);
  }

  // Numbers by which the keyboard calls grids.
  keyOfNumber(number) {
    return this.grids().listed[number - 1]?.key ?? null;
  }

  choose(key) {
    if (key !== this.chosen) this.tell("", "hush"); // a refusal was about what was chosen before
    this.chosen = key;
    this.changed("choice");
  }

  select(units, { add = false } = {}) {
    const wanted = this.wholeEstates ? this.withEstates(units) : units;
    this.selected = new Set(add ? [...this.selected, ...wanted] : wanted);
    this.changed("choice");
  }

  toggle(unit) {
    const units = this.wholeEstates ? this.withEstates([unit]) : [unit];
    const selected = new Set(this.selected);
    for (const one of units) if (this.selected.has(unit)) selected.delete(one); else selected.add(one);
    this.selected = selected;
    this.changed("choice");
  }

  withEstates(units) {
    return units.flatMap((unit) => this.land.estates.get(this.land.units[unit].estate) ?? [unit]);
  }

  // Why a unit may not go to a grid; null where it may. The server has the last word.
  hindrance(unit, key) {
    const target = this.view.grids.get(key);
    if (target?.locked) return say("locked", { grid: target.label });
    const own = this.view.grids.get(this.view.labels[unit]);
    if (own?.locked) return say("locked", { grid: own.label });
    if (this.land.units[unit].special !== null && target?.kind !== "special") return say("special_units");
    return null;
  }

  // Of some units those that may go to a grid; says why not where none may.
  movable(units, key) {
    const elsewhere = units.filter((unit) => this.view.labels[unit] !== key);
    const free = elsewhere.filter((unit) => this.hindrance(unit, key) === null);
    if (!free.length) this.tell(elsewhere.length ? this.hindrance(elsewhere[0], key) : say("there_already"), "refused");
    return free;
  }

  // ``passed``: why a stroke left some units where they were; null where it did not.
  assign(units, key, passed = null) {
    const moved = this.movable(units, key);
    if (!moved.length) return;
    this.do({ kind: "assign", moves: [[key, moved.map((unit) => this.land.units[unit].code)]] });
    const done = say("moved", { units: moved.length, grid: this.view.grids.get(key).label });
    this.tell(passed === null ? done : say("moved_but", { done, why: passed }));
  }

  unassign(units) {
    const moved = this.movable(units, UNASSIGNED);
    if (!moved.length) return;
    this.do({ kind: "unassign", units: moved.map((unit) => this.land.units[unit].code) });
    this.tell(say("freed", { units: moved.length }));
  }

  unitsOf(key) {
    return [...this.labels.keys()].filter((unit) => this.labels[unit] === key);
  }
}
