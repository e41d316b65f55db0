// Scenarios kept on the server, side by side with the figures they had: by people, by street, by cost.

import { postJson } from "../data/fetching.js";
import { amount, cell, count, figuresOf, row } from "./gains_view.js";
import { Scenario } from "./scenario.js";
import { downloadCsv } from "./scenario_csv.js";

const FIGURES = ["sites", "households", "residents", "elderly", "after", "cost", "each"]; // columns after the name

export function startComparison({ url, token, kept, texts, current, open }) {
  const table = document.getElementById("compare");
  const body = table.tBodies[0];
  const nothing = body.firstElementChild;
  const lines = { keep: document.getElementById("keep-status"), list: document.getElementById("compare-status") };
  let told = kept.map(read);
  let order = { by: "id", down: false };

  document.getElementById("keep")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = document.getElementById("scenario-name");
    const { scenario } = current();
    if (scenario.empty) return say("keep", texts.none);
    if (!(await send("keep", url, { name: field.value, ...scenario.proposal() }))) return;
    const { id, name } = told.at(-1);
    say("keep", `${texts.kept}${id} · ${name}`);
    field.value = "";
  });
  document.getElementById("compare-csv").addEventListener("click", () => downloadCsv(told, streets(told, texts)));
  for (const button of table.querySelectorAll("thead button")) {
    button.addEventListener("click", () => {
      const by = button.dataset.by;
      order = { by, down: order.by === by ? !order.down : by !== "name" };
      show();
    });
  }

  // What came of it is told beside what was clicked.
  async function send(where, address, content) {
    say(where, "");
    const answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(content),
    }).catch(() => null);
    const spoken = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      say(where, answer === null ? texts.unreachable : [400, 403].includes(answer.status) && spoken?.message ? spoken.message : texts.not_kept);
      return false;
    }
    told = spoken.scenarios.map(read);
    show();
    return true;
  }

  // The scenario is computed once more from what is stored; the answer stands where its basis is told.
  async function check(each, basis) {
    const answer = await postJson(`${url}/${each.id}/repeat`, {}).catch(() => null);
    const line = basis.querySelector("output") ?? basis.appendChild(document.createElement("output"));
    line.textContent = answer ? texts.repeated[answer.repeated] : texts.unreachable;
  }

  function say(where, words) {
    lines[where].textContent = words;
    lines[where].hidden = !words;
  }

  function show() {
    const sorted = [...told].sort(byColumn(order));
    body.replaceChildren(...(told.length ? sorted.map(scenarioRow) : [nothing]));
    for (const button of table.querySelectorAll("thead button")) {
      const sort = button.dataset.by === order.by ? (order.down ? "descending" : "ascending") : null;
      if (sort) button.parentElement.setAttribute("aria-sort", sort);
      else button.parentElement.removeAttribute("aria-sort");
    }
    showStreets(sorted);
    document.documentElement.dataset.kept = String(told.length);
  }

  function scenarioRow(each) {
    const name = cell("th", `${each.id} · ${each.name}`);
    name.append(small([each.regions.join("、"), each.closed.map((facility) => texts.closed + facility.name).join("、")]), small([each.who, each.at.slice(0, 10)]));
    const { figures } = each;
    const values = [
      String(figures.sites),
      count(figures.households, texts),
      count(figures.residents, texts),
      count(figures.elderly, texts),
      `${figures.before} → ${figures.after}`,
      amount(figures.cost),
      amount(figures.each),
    ];
    const basis = cell("td", each.data_date);
    basis.append(small([`${each.minutes} ${texts.minutes} · ${each.speed_m_per_s} ${texts.speed}`]));
    if (!each.current) basis.append(Object.assign(cell("strong", texts.outdated), { className: "bad" }));
    const actions = cell("td", "", "no-print");
    const buttons = Object.assign(document.createElement("div"), { className: "actions" });
    actions.append(buttons);
    buttons.append(action(texts.open, each.name, () => open(each.scenario)));
    buttons.append(action(texts.repeat, each.name, () => check(each, basis)));
    if (each.removable) buttons.append(action(texts.withdraw, each.name, () => send("list", `${url}/${each.id}/withdraw`, {})));
    return row([name, ...values.map((words) => cell("td", words, "number")), basis, actions]);
  }

  function showStreets(sorted) {
    const part = document.getElementById("compare-streets");
    part.hidden = !told.length;
    const { names, rows } = streets(sorted, texts);
    const head = row([cell("th", texts.street), ...names.map((name) => cell("th", name, "number"))]);
    for (const each of head.cells) each.scope = "col";
    part.querySelector("thead").replaceChildren(head);
    part.querySelector("tbody").replaceChildren(...rows.map(({ name, values, sum }) => row([
      cell("th", name, sum ? "sum" : ""), ...values.map((value) => cell("td", count(value, texts), sum ? "number sum" : "number")),
    ])));
  }

  show();
}

// What was kept, with its figures worked out once.
function read(each) {
  const scenario = Scenario.of({ sites: each.sites, closed: each.closed.map(({ id, name }) => [id, name]) });
  return { ...each, scenario, figures: { ...figuresOf(each.gains, scenario), sites: each.sites.length } };
}

// Households gained by street, and the whole: what lies in no street stands in a row of its own, so that columns add up.
function streets(told, texts) {
  const named = new Map();
  for (const { gains } of told) for (const { level, code, name } of gains.regions) if (level === "street") named.set(code, name);
  const net = ({ gains }, code) => {
    const found = gains.regions.find((region) => region.level === "street" && region.code === code);
    return found ? found.households_gained - found.households_lost : 0;
  };
  const rows = [...named].map(([code, name]) => ({ name, values: told.map((each) => net(each, code)), sum: false }));
  rows.sort((one, other) => Math.max(...other.values) - Math.max(...one.values));
  const rest = told.map(({ figures }, place) => figures.households - rows.reduce((sum, { values }) => sum + values[place], 0));
  if (rest.some(Boolean)) rows.push({ name: texts.no_street, values: rest, sum: false });
  rows.push({ name: texts.total, values: told.map(({ figures }) => figures.households), sum: true });
  return { names: told.map(({ id, name }) => `${id} · ${name}`), rows };
}

// What is unknown comes last both ways; equal ones as they were kept.
function byColumn({ by, down }) {
  const value = (each) => (FIGURES.includes(by) ? (by === "after" ? each.figures.reached : each.figures[by]) : each[by]);
  return (one, other) => {
    const [first, second] = [value(one), value(other)];
    if (first === null || second === null) return (first === null) - (second === null) || one.id - other.id;
    const way = typeof first === "string" ? first.localeCompare(second) : first - second;
    return (down ? -way : way) || one.id - other.id;
  };
}

function small(parts) {
  return Object.assign(document.createElement("small"), { textContent: parts.filter(Boolean).join(" · ") });
}

function action(words, name, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: words });
  button.setAttribute("aria-label", `${words} ${name}`);
  button.addEventListener("click", act);
  return button;
}
