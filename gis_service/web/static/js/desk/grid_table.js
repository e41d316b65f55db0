// The table of grids: living totals, status by mark and word, and the grid that is chosen.

import { UNASSIGNED } from "./draft.js";
import { element, write } from "./elements.js";
import { count, people, say, texts } from "./page.js";

const CODE_TAIL = 3; // signs of a code that tell the grids of a community apart

export function startGridTable(desk, { show }) {
  const body = document.getElementById("desk-grids");
  const summary = document.getElementById("desk-summary");
  const rows = new Map(); // key → row and its cells

  function refresh() {
    const { listed, free } = desk.grids();
    const keys = listed.map(({ key }) => key);
    for (const [key, row] of rows) {
      if (keys.includes(key)) continue;
      row.line.remove();
      rows.delete(key);
    }
    listed.forEach((grid, index) => {
      if (!rows.has(grid.key)) rows.set(grid.key, rowOf(grid.key));
      const row = rows.get(grid.key);
      if (body.children[index] !== row.line) body.insertBefore(row.line, body.children[index] ?? null);
      fill(row, grid, index + 1);
    });
    write(summary, summaryOf(listed, free));
    roving(listed);
  }

  function rowOf(key) {
    const cell = (className, tag = "td") => element(tag, { className });
    const parts = {
      number: cell("number faint"), swatch: element("span", { className: "hue", attributes: { "aria-hidden": "true" } }),
      name: element("button", { type: "button", className: "row-name" }), code: element("small"),
      households: cell("number"), residents: cell("number"), status: cell("status-cell"),
    };
    const head = element("th", { scope: "row", children: [parts.swatch, element("div", { children: [parts.name, parts.code] })] });
    const line = element("tr", { children: [parts.number, head, parts.households, parts.residents, parts.status], data: { key } });
    line.addEventListener("click", () => pick(key));
    return { line, ...parts, told: null };
  }

  // The first click brings a grid into sight, a second one looks at it closely.
  function pick(key) {
    const again = key === desk.chosen;
    desk.choose(key);
    if (!desk.selected.size) show(desk.unitsOf(key), { closely: again }); // with units in hand the view stays where they are
  }

  function fill(row, grid, number) {
    const filled = JSON.stringify([grid, number, grid.key === desk.chosen, desk.state.state, desk.codes.of(grid.key)]);
    if (row.filled === filled) return;
    row.filled = filled;
    row.line.dataset.status = grid.status;
    row.line.classList.toggle("chosen", grid.key === desk.chosen);
    row.name.setAttribute("aria-pressed", grid.key === desk.chosen);
    row.swatch.className = `hue hue-${grid.hue}`;
    write(row.number, String(number));
    write(row.name, grid.label);
    const final = desk.codes.of(grid.key);
    const marks = [grid.locked && texts.mark.locked, grid.note && texts.mark.note, fateOf(grid, final)];
    const later = grid.units && desk.state.state !== "approved" && final && final.code !== grid.code ? `…${final.code.slice(-CODE_TAIL)}` : "";
    tellCode(row, grid.code, marks.filter(Boolean), later);
    row.name.title = [grid.code, final && final.code !== grid.code && say("becomes", final), grid.sentence, grid.note].filter(Boolean).join("\n");
    counted(row.households, count(grid.households), grid.gained);
    write(row.residents, people(grid.residents));
    if (row.told !== grid.status) row.status.replaceChildren(chip(grid.status));
    row.told = grid.status;
  }

  // What approval makes of a grid, where it is not what the row shows: another code, or no grid at all.
  function fateOf({ units, code }, final) {
    if (desk.state.state === "approved") return "";
    if (!units) return code === null ? texts.mark.dropped : texts.mark.ends;
    return code === null || (final && final.code !== code) ? texts.mark.new : "";
  }

  // One row takes part in the tab order; arrows lead to the others.
  function roving(listed) {
    const entry = rows.has(desk.chosen) ? desk.chosen : listed[0]?.key;
    for (const [key, row] of rows) row.name.tabIndex = key === entry ? 0 : -1;
  }

  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const line = event.target.closest("tr");
    const next = step && [...body.children][[...body.children].indexOf(line) + step];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.querySelector("button").focus();
  });
  desk.onChange((what) => {
    refresh();
    if (what === "choice") rows.get(desk.chosen)?.line.scrollIntoView({ block: "nearest" });
  });
}

// The code's first part is left out where there is little room: it is that of the community. ``later``: the end of the code
// that the last mark speaks of.
function tellCode(row, code, marks, later) {
  const key = JSON.stringify([code, marks, later]);
  if (row.coded === key) return;
  row.coded = key;
  const parts = code === null ? [] : [element("span", { className: "code-head", words: code.slice(0, -6) }), element("span", { className: "code-tail", words: code.slice(-6) })];
  const tail = later ? [" ", element("span", { className: "code-later", words: later })] : [];
  row.code.replaceChildren(...parts, [...(parts.length ? [""] : []), ...marks].join(" · "), ...tail);
}

export const chip = (status) =>
  element("span", {
    className: `chip chip-${status}`,
    children: [element("span", { className: "chip-mark", attributes: { "aria-hidden": "true" } }), document.createTextNode(texts.status[status])],
  });

function counted(cell, words, gained) {
  const delta = gained ? `${gained > 0 ? "+" : "−"}${count(Math.abs(gained))}` : "";
  if (cell.textContent === words + delta) return;
  cell.replaceChildren(words, ...(delta ? [element("small", { className: "delta", words: delta })] : []));
}

function summaryOf(listed, free) {
  const tested = listed.filter(({ status }) => !["special", "empty", "gone"].includes(status));
  const within = tested.filter(({ status }) => status === "normal").length;
  const words = [say("summary", { grids: listed.filter(({ units }) => units).length, within, tested: tested.length })];
  if (free.units) words.push(say("free", { units: free.units, households: count(free.households) }));
  return words.join(" · ");
}

export const nameOf = (desk, label) => (label === UNASSIGNED ? say("no_grid") : desk.view.grids.get(label).label);
