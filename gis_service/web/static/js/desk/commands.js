// Everything the desk can do, each with its keys: buttons, keyboard and help read this one list.

import { balanceOptions, mergeOptions, whyAlone } from "./beside.js";
import { ask } from "./dialogs.js";
import { say, texts } from "./page.js";

// ``grid``: needs a chosen grid; ``open``: one that is not locked; ``units``: needs chosen units; ``edit``: changes the draft.
export function commandsOf(desk, { tools, outbox, map, zoomTo, help, take }) {
  const chosen = () => desk.view.grids.get(desk.chosen);
  const act = async (path, body) => {
    if (path.startsWith("tools/")) desk.tell(say("working"));
    const state = await outbox.act(path, body);
    if (state && path.startsWith("tools/")) desk.tell(say("mended"));
    if (state?.said) desk.tell(state.said);
    return state;
  };
  const takes = (units) => units.length > 0 && units.some((unit) => desk.hindrance(unit, desk.view.nextKey) === null);

  return [
    { name: "select", keys: ["V"], run: () => tools.use("select") },
    { name: "brush", keys: ["B"], edit: true, run: () => tools.use("brush") },
    { name: "border", keys: ["D"], edit: true, run: () => tools.use("border") },
    { name: "box", keys: ["R"], edit: true, run: () => tools.use("box") },
    { name: "line", keys: ["L"], edit: true, run: () => tools.use("line") },
    { name: "undo", keys: ["Ctrl+Z"], edit: true, able: () => desk.state.undo || outbox.entries.length > 0, unable: "nothing_to_undo", run: undo },
    { name: "redo", keys: ["Ctrl+Y", "Ctrl+Shift+Z"], edit: true, able: () => desk.state.redo && !outbox.entries.length, unable: "nothing_to_redo", run: redo },
    { name: "assign", keys: ["Enter"], edit: true, units: true, grid: true, run: assign },
    { name: "new_grid", keys: ["N"], edit: true, run: newGrid },
    { name: "unassign", keys: ["X"], edit: true, units: true, run: () => { desk.unassign([...desk.selected]); desk.select([]); } },
    { name: "whole_grid", keys: ["G"], edit: true, grid: true, run: () => desk.select(desk.unitsOf(desk.chosen)) },
    { name: "estates", keys: ["W"], edit: true, run: () => { desk.wholeEstates = !desk.wholeEstates; desk.changed("choice"); } },
    { name: "merge", keys: ["M"], edit: true, grid: true, open: true, run: merge },
    { name: "balance", keys: ["E"], edit: true, grid: true, open: true, run: balance },
    { name: "fix", keys: ["F"], edit: true, grid: true, open: true, run: () => act("tools/fix_grid", { grids: [desk.chosen] }) },
    { name: "special", keys: ["P"], edit: true, grid: true, open: true, run: special },
    { name: "rename", keys: ["F2"], edit: true, grid: true, open: true, run: rename },
    { name: "lock", keys: ["K"], edit: true, grid: true, run: () => desk.do({ kind: chosen().locked ? "unlock" : "lock", grid: desk.chosen }) },
    { name: "note", keys: ["C"], edit: true, grid: true, run: note },
    { name: "zoom", keys: ["Z"], grid: true, run: () => zoomTo(desk.unitsOf(desk.chosen)) },
    { name: "whole", keys: ["H"], run: () => zoomTo([...desk.land.units.keys()]) },
    { name: "nearer", keys: ["+", "="], run: () => map.zoomIn(0.5) },
    { name: "farther", keys: ["-"], run: () => map.zoomOut(0.5) },
    { name: "cancel", keys: ["Escape"], run: cancel },
    { name: "export", keys: ["T"], run: () => take() },
    { name: "help", keys: ["?"], run: () => help() },
  ].map((command) => ({ ...command, run: (given) => { if (mayRun(desk, command)) command.run(given); }, ready: () => isReady(desk, command) }));

  function undo() {
    if (!outbox.takeBack()) return act("steps", { action: "undo" }).then((state) => state && desk.tell(say("undone")));
    desk.recount();
    desk.changed("state");
    return desk.tell(say("undone"));
  }

  async function redo() {
    if (await act("steps", { action: "redo" })) desk.tell(say("redone"));
  }

  function assign() {
    desk.assign([...desk.selected], desk.chosen);
    desk.select([]);
  }

  function newGrid() {
    const key = desk.view.nextKey;
    const units = [...desk.selected];
    if (units.length && !takes(units)) return desk.tell(desk.hindrance(units[0], key), "refused");
    const free = units.filter((unit) => desk.hindrance(unit, key) === null);
    desk.do(units.length
      ? { kind: "assign", moves: [[key, free.map((unit) => desk.land.units[unit].code)]] }
      : { kind: "new_grid", grid: key, name: null });
    desk.selected = new Set();
    desk.choose(key);
    return desk.tell(say(units.length ? "new_with" : "new_without", { grid: desk.view.grids.get(key).label, units: free.length }));
  }

  async function merge() {
    const options = mergeOptions(desk);
    const blocked = !options.length ? say("no_other") : options[0].disabled ? say("others_locked") : "";
    const answer = await ask({
      title: say("merge_title", { grid: chosen().label }),
      fields: [{ name: "into", label: say("merge_into"), options, value: options[0]?.value }],
      confirm: texts.command.merge, blocked,
    });
    if (!answer) return;
    const grids = [desk.chosen];
    desk.chosen = Number(answer.into);
    desk.do({ kind: "merge", grids, into: desk.chosen });
  }

  async function balance() {
    if (chosen().kind === "special") return desk.tell(say("balance_special"), "refused");
    if (!desk.unitsOf(desk.chosen).length) return desk.tell(say("without_land", { grid: chosen().label }), "refused");
    const options = balanceOptions(desk);
    if (!options.length) return desk.tell(whyAlone(desk), "refused");
    const blocked = options[0].disabled ? say("balance_none") : "";
    const answer = await ask({
      title: say("balance_title", { grid: chosen().label }), confirm: texts.command.balance, blocked,
      words: blocked ? options.map(({ label }) => label) : [say("least_change")],
      fields: blocked ? [] : [{ name: "other", label: say("balance_with"), type: "radio", options, value: options[0].value }],
    });
    return answer && act("tools/balance_two", { grids: [desk.chosen, Number(answer.other)] });
  }

  // ``typed`` and ``refused``: the name that the server did not take, and why.
  async function special({ typed, refused } = {}) {
    const grid = chosen();
    if (grid.kind === "special") return desk.do({ kind: "make_base", grid: grid.key });
    const answer = await ask({
      title: say("special_title", { grid: grid.label }), words: [say("special_words")], refused,
      fields: [{ name: "name", label: say("name"), value: typed ?? grid.name ?? "", required: true, max: 40 }], confirm: texts.command.special,
    });
    return answer && desk.do({ kind: "make_special", grid: grid.key, name: answer.name });
  }

  async function rename({ typed, refused } = {}) {
    const grid = chosen();
    const answer = await ask({
      title: say("rename_title", { grid: grid.label }), refused,
      fields: [{ name: "name", label: say("name"), value: typed ?? grid.name ?? "", max: 40, hint: say("name_hint"), required: grid.kind === "special" }],
      confirm: texts.command.rename,
    });
    if (answer && (answer.name || null) !== grid.name) desk.do({ kind: "rename", grid: grid.key, name: answer.name || null });
  }

  async function note() {
    const grid = chosen();
    const answer = await ask({
      title: say("note_title", { grid: grid.label }), words: [say("note_words")],
      fields: [{ name: "note", label: texts.command.note, type: "long", value: grid.note, max: 500 }], confirm: say("save"),
    });
    if (answer && answer.note !== grid.note) desk.do({ kind: "note", grid: grid.key, note: answer.note });
  }

  function cancel() {
    if (tools.cancel()) return;
    desk.shown = new Set();
    desk.select([]);
    desk.tell("", "hush");
  }
}

const isReady = (desk, { edit, grid, units, able }) =>
  (!edit || desk.editable) && (!grid || desk.chosen !== null) && (!units || desk.selected.size > 0) && (able?.() ?? true);

// A key that cannot do anything now says what is missing.
function mayRun(desk, command) {
  const locked = command.open && desk.view.grids.get(desk.chosen)?.locked;
  if (isReady(desk, command) && !locked) return true;
  if (command.edit && !desk.editable) desk.tell(say("read_only"), "refused");
  else if (command.units && !desk.selected.size) desk.tell(say("select_first"), "refused");
  else if (command.grid && desk.chosen === null) desk.tell(say("choose_first"), "refused");
  else if (locked) desk.tell(say("locked", { grid: desk.view.grids.get(desk.chosen).label }), "refused");
  else if (command.unable) desk.tell(say(command.unable));
  return false;
}
