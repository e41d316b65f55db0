// The desk by keyboard alone: arrows go from unit to unit, Space chooses, numbers and Enter assign, letters are commands.

import { isAsking } from "./dialogs.js";
import { say } from "./page.js";
import { tellPlace } from "./status.js";
import { readingOf } from "./tools.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NUMBER_MS = 700; // a second digit may follow so soon
const LETTERS_OFF = "gis-desk-letters-off";

export const letters = {
  get off() { return localStorage.getItem(LETTERS_OFF) === "1"; },
  set off(value) { if (value) localStorage.setItem(LETTERS_OFF, "1"); else localStorage.removeItem(LETTERS_OFF); },
};

export function startKeyboard(map, desk, tools, commands) {
  const surface = map.getContainer();
  const byKey = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command])));
  let digits = "";
  let timer = null;

  map.keyboard.disable();
  for (const change of ["focus", "blur"]) surface.addEventListener(change, () => desk.changed("choice"));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isAsking() || isTyping(event.target)) return;
    if (event.target === surface && onMap(event)) event.preventDefault();
    else if (/^\d$/.test(event.key) && !event.ctrlKey && !event.altKey) number(event.key);
    else if (runs(event)) event.preventDefault();
  });

  function onMap(event) {
    const drawing = tools.name === "line" || tools.name === "box";
    if (event.key in ARROWS && !event.ctrlKey && !event.altKey) {
      const [across, down] = ARROWS[event.key];
      if (drawing) tools.moveCross(across, down, event.shiftKey);
      else go(across, down, event.shiftKey);
    } else if (event.key === " ") {
      if (drawing) tools.setPoint();
      else if (desk.focused !== null && desk.editable) desk.toggle(desk.focused);
    } else if (event.key === "Enter") {
      if (tools.points.length) tools.finish();
      else commands.find(({ name }) => name === "assign").run();
    } else if (event.key === "Backspace" && tools.points.length) tools.takePointBack();
    else return false;
    return true;
  }

  // To the neighbour that lies most in that direction; over a gap to the nearest unit there.
  function go(across, down, choosing) {
    const { land } = desk;
    const from = desk.focused ?? land.unitAt(land.onPlane(map.getCenter())) ?? 0;
    const next = desk.focused === null ? from : (best(neighbours(land, from), 0.35) ?? best([...land.units.keys()], 0.8, true) ?? from);
    if (choosing && desk.editable) desk.select([from, next], { add: true });
    desk.focused = next;
    const place = land.latlng(land.units[next].middle);
    if (!map.getBounds().pad(-0.08).contains(place)) map.panTo(place, { animate: false });
    tellPlace(readingOf(desk, next) + (desk.selected.has(next) ? ` · ${say("is_selected")}` : ""), { aloud: true });
    desk.changed("choice");

    function best(units, straight, nearest = false) {
      const [x, y] = land.units[from].middle;
      const rated = units.flatMap((unit) => {
        const [dx, dy] = [land.units[unit].middle[0] - x, land.units[unit].middle[1] - y];
        const away = Math.hypot(dx, dy);
        const along = (dx * across + dy * down) / away;
        return unit !== from && along > straight ? [{ unit, worth: nearest ? -away : along }] : [];
      });
      return rated.length ? rated.reduce((one, other) => (other.worth > one.worth ? other : one)).unit : null;
    }
  }

  function number(digit) {
    clearTimeout(timer);
    digits += digit;
    if (Number(digits) * 10 > desk.grids().listed.length) call();
    else timer = setTimeout(call, NUMBER_MS);
  }

  function call() {
    const key = desk.keyOfNumber(Number(digits));
    if (key === null) desk.tell(say("no_number", { number: digits }), "refused");
    else if (desk.selected.size && desk.editable) {
      desk.assign([...desk.selected], key);
      desk.select([]);
    } else {
      desk.choose(key);
      desk.tell(say("chosen", { grid: desk.view.grids.get(key).label }));
    }
    digits = "";
  }

  function runs(event) {
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey) return false;
    const key = control ? `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toUpperCase()}` : event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const command = key === "Enter" ? null : byKey.get(key); // on buttons Enter presses them
    if (!command || (!control && event.key.length === 1 && letters.off && key !== "?")) return false;
    command.run();
    return true;
  }
}

const neighbours = (land, unit) => land.neighbours[unit].map((other) => other.unit);
const isTyping = (target) => target instanceof Element && target.matches("input, textarea, select");
