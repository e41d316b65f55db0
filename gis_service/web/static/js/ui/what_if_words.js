// What the panel of imagined changes says.

import { parameters, texts } from "../data/page.js";

const { tool, unit } = texts;
const SHOWN = 5;
const MEASURES = ["households", "residents", "elderly", "children", "buildings"];
const group = (number) => number.toLocaleString("en-US");
const signed = (number) => (number > 0 ? `+${group(number)}` : number < 0 ? `−${group(-number)}` : "0");
const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)}%` : "");

export const element = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// One entry for each thing imagined, with a button that takes it back.
export function editList({ added, moved, closed, paths }, nameOf, { undo }) {
  return [
    ...[...added.keys()].map((number) => entry(`${tool.added} ${number}`, () => undo("added", number))),
    ...[...paths.keys()].map((number) => entry(`${tool.path} ${number}`, () => undo("paths", number))),
    ...[...moved.keys()].map((id) => entry(`${tool.moved} ${nameOf(id)}`, () => undo("moved", id))),
    ...[...closed].map((id) => entry(`${tool.closed} ${nameOf(id)}`, () => undo("closed", id))),
  ];
}

function entry(words, undo) {
  const item = element("li");
  const button = element("button", { type: "button", textContent: tool.undo, ariaLabel: `${tool.undo} ${words}` });
  button.addEventListener("click", undo);
  item.append(element("span", { textContent: words }), button);
  return item;
}

export function resultsOf(answer) {
  return [
    coverage(answer.coverage),
    line(`${tool.nearer} ${group(answer.households_nearer)} ${unit.households} · ${tool.farther} ${group(answer.households_farther)} ${unit.households}`),
    key(answer),
    ...listed(tool.communities, answer.communities, (each) => [[each.street, each.name].filter(Boolean).join(" · "), change(each)]),
    ...listed(tool.gaps_mended, answer.gaps_mended, (gap) => [gap.name, `+${group(gap.households_covered)} ${unit.households}`]),
    ...listed(tool.gaps_worsened, answer.gaps_worsened, (gap) => [gap.name, `−${group(gap.households_lost)} ${unit.households}`]),
  ];
}

function coverage(rows) {
  const table = element("table");
  table.append(element("caption", { textContent: tool.covered }));
  const head = element("tr");
  head.append(...[tool.measure, tool.now, tool.then, tool.change].map((words, index) => element("th", { scope: "col", textContent: words, className: index ? "number" : "" })));
  const body = element("tbody");
  const inTurn = MEASURES.map((name) => rows.find(({ measure }) => measure === name));
  for (const { measure, total, before, after } of inTurn) {
    if (before === null || after === null) continue;
    const row = element("tr");
    const cell = (words, more) => {
      const made = element("td", { className: "number", textContent: words });
      if (more) made.append(element("small", { textContent: more }));
      return made;
    };
    row.append(
      element("th", { scope: "row", textContent: tool.measures[measure] }),
      cell(group(before), total === null ? "" : share(before, total)),
      cell(group(after), total === null ? "" : share(after, total)),
      cell(signed(after - before)),
    );
    body.append(row);
  }
  const thead = element("thead");
  thead.append(head);
  table.append(thead, body);
  return table;
}

// How the buildings that change are drawn, with their number.
function key({ buildings_gained: gained, buildings_lost: lost }) {
  const made = element("p", { className: "what-if-key" });
  const part = (className, words) => {
    const whole = element("span");
    whole.append(element("span", { className }), ` ${words}`);
    return whole;
  };
  made.append(part("dot dot-gained", `${tool.gained} ${group(gained)} ${tool.buildings}`), part("dot dot-lost", `${tool.lost} ${group(lost)} ${tool.buildings}`));
  return made;
}

const change = ({ households_gained: gained, households_lost: lost }) =>
  `${[gained ? `+${group(gained)}` : "", lost ? `−${group(lost)}` : ""].filter(Boolean).join(" ")} ${unit.households}`;

function listed(title, rows, words) {
  if (!rows?.length) return [];
  const list = element("dl");
  for (const row of rows.slice(0, SHOWN)) {
    const [name, value] = words(row);
    list.append(element("dt", { textContent: name }), element("dd", { textContent: value }));
  }
  const rest = rows.length > SHOWN ? [line(`${tool.more} ${group(rows.length - SHOWN)}`)] : [];
  return [element("h3", { textContent: title }), list, ...rest];
}

const line = (words) => element("p", { textContent: words });

export const figures = () => element("p", { className: "details-foot", textContent: `${tool.not_present} · ${parameters}` });
