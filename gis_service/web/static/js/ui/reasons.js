// Why a grid is as it is: remarks of its plan, then rows of [label, value or nodes].

import { fetchJson } from "../data/fetching.js";
import { gridUrl, texts } from "../data/page.js";

const { field, say, unit } = texts;
const group = (number) => number.toLocaleString("en-US");
const span = (least, most) => (least === most ? group(least) : `${group(least)}–${group(most)}`);

export async function reasonsOf(code) {
  const account = await fetchJson(gridUrl(code));
  return {
    remarks: account.findings.map((finding) => ({ text: finding[texts.language], severity: finding.severity })),
    rows: rowsOf(account).filter(([, value]) => value),
  };
}

function rowsOf({ explanation, locked, start }) {
  const origin = [start && (texts.start[start] ?? start), locked && say.locked].filter(Boolean).join(" · ");
  if (!explanation) return [[field.start, origin]];
  const { binding, room_down: down, room_up: up, gives, takes } = explanation;
  const made = [`${explanation.units} ${say.units}`, explanation.estates ? `${explanation.estates} ${say.estates}` : ""];
  return [
    [field.binding, texts.binding[binding]],
    [field.room, room(down, up)],
    [field.gives, binding === "none" ? null : exchanges(gives)],
    [field.takes, binding === "none" ? null : exchanges(takes)],
    [field.border, borders(explanation.border_m)],
    [field.made_of, made.filter(Boolean).join(" · ")],
    [field.start, origin],
  ];
}

// Out of range, what is missing or too much; in range, how far the grid could go.
function room(down, up) {
  if (down === null || up === null) return null;
  if (down < 0) return `${say.lacks} ${group(-down)} ${unit.households}`;
  if (up < 0) return `${say.exceeds} ${group(-up)} ${unit.households}`;
  return `${say.may_lose} ${group(down)} · ${say.may_gain} ${group(up)} ${unit.households}`;
}

const borders = (metres) =>
  Object.entries(metres)
    .filter(([, length]) => length > 0)
    .map(([by, length]) => `${texts.border[by]} ${group(length)} ${unit.metres}`)
    .flatMap((words, index, all) => [piece(index + 1 < all.length ? `${words} ·` : words), " "]);

// A piece of text is not torn apart where there is room for it on the next line.
function piece(words) {
  const made = document.createElement("span");
  made.textContent = words;
  return made;
}

// A neighbour's code leads to that neighbour.
function exchanges(list) {
  if (!list.length) return say.nobody;
  return list.map(({ code, households_min: least, households_max: most }) => {
    const line = document.createElement("span");
    const link = document.createElement("a");
    link.href = `#grids/${encodeURIComponent(code)}`;
    link.textContent = code;
    line.className = "exchange";
    line.append(link, " ", piece(`${span(least, most)} ${unit.households}`));
    return line;
  });
}
