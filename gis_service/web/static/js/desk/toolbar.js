// Buttons of the desk: each runs a command; what a tool can be told is shown while it is used.

import { element, write } from "./elements.js";
import { count, people, say, texts } from "./page.js";
import { SIZES } from "./tools.js";

export function startToolbar(desk, tools, commands) {
  const named = new Map(commands.map((command) => [command.name, command]));
  const buttons = [...document.querySelectorAll("[data-command]")];
  const hint = document.getElementById("desk-hint");
  const options = document.getElementById("desk-options");
  const chosen = document.getElementById("desk-chosen");
  const hand = document.getElementById("desk-hand");
  const handWords = document.getElementById("desk-hand-words");

  for (const button of buttons) {
    const command = named.get(button.dataset.command);
    button.title = `${texts.command[command.name]} (${command.keys[0]})`;
    button.setAttribute("aria-keyshortcuts", command.keys[0].replace("Ctrl", "Control"));
    button.addEventListener("click", () => command.run());
  }

  const sizes = element("div", {
    className: "segments", attributes: { role: "group", "aria-label": say("brush_size") },
    children: SIZES.map((size, index) => element("button", {
      type: "button", words: texts.size[index], data: { size }, onclick: () => { tools.size = size; refresh(); },
    })),
  });
  const finish = element("button", { type: "button", className: "button small", words: say("finish_line"), onclick: () => tools.finish() });
  const modes = element("div", {
    className: "segments", attributes: { role: "group", "aria-label": say("line_mode") },
    children: ["split", "border", "cut"].map((mode) => element("button", {
      type: "button", words: texts.line_mode[mode], data: { mode }, onclick: () => { tools.mode = mode; refresh(); },
    })),
  });
  options.append(sizes, modes, finish);

  function refresh() {
    for (const button of buttons) {
      const { name, ready } = named.get(button.dataset.command);
      button.disabled = !ready();
      if (button.classList.contains("tool")) button.setAttribute("aria-pressed", name === tools.name);
      if (name === "estates") button.setAttribute("aria-pressed", desk.wholeEstates);
      if (name === "lock") write(button.querySelector(".words") ?? button, texts[desk.view.grids.get(desk.chosen)?.locked ? "unlock" : "lock"]);
      if (name === "special") write(button, texts[desk.view.grids.get(desk.chosen)?.kind === "special" ? "make_base" : "make_special"]);
    }
    write(hint, desk.editable ? texts.hint[tools.name] : say(desk.state.state === "approved" ? "approved_codes" : "read_only"));
    sizes.hidden = tools.name !== "brush";
    modes.hidden = finish.hidden = tools.name !== "line";
    finish.disabled = tools.points.length < 2;
    for (const one of sizes.children) one.setAttribute("aria-pressed", Number(one.dataset.size) === tools.size);
    for (const one of modes.children) one.setAttribute("aria-pressed", one.dataset.mode === tools.mode);
    tellChosen();
    tellHand();
  }

  function tellChosen() {
    const grid = desk.grids().listed.find(({ key }) => key === desk.chosen);
    write(chosen, grid ? say("target", { grid: grid.label, households: count(grid.households), residents: people(grid.residents), status: texts.status[grid.status] }) : say("no_target"));
  }

  function tellHand() {
    hand.hidden = desk.selected.size === 0;
    if (hand.hidden) return;
    let households = 0;
    for (const unit of desk.selected) households += desk.land.units[unit].households;
    write(handWords, say("hand", { units: desk.selected.size, households: count(households) }));
    const target = desk.chosen === null ? null : desk.view.grids.get(desk.chosen).label;
    write(document.getElementById("desk-assign-words"), target ? say("assign_to", { grid: target }) : texts.command.assign);
  }

  return refresh;
}
