// Scenarios kept side by side in this browser; their figures are asked for anew, so that they hold for the data of today.

import { postJson } from "../data/fetching.js";
import { amount, cell, count, figuresOf, row, streetsOf } from "./gains_view.js";
import { Scenario } from "./scenario.js";

export function startComparison({ city, url, texts, current, open }) {
  const key = `what-if:${city}`;
  const kept = read(key); // { name, scenario: plain }
  const told = new Map(); // name → what the server said
  const body = document.querySelector("#compare tbody");
  const nothing = body.firstElementChild;

  document.getElementById("keep").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = document.getElementById("scenario-name");
    const name = field.value.trim();
    const { scenario, answer } = current();
    if (!name || scenario.empty || !answer) return;
    const same = kept.findIndex((each) => each.name === name);
    if (same >= 0) kept.splice(same, 1);
    kept.push({ name, scenario: scenario.plain() });
    told.set(name, answer);
    field.value = "";
    write(key, kept);
    show();
  });
  document.getElementById("compare-csv").addEventListener("click", () => download(`${city}-what-if.csv`, csvOf()));

  function show() {
    body.replaceChildren(...(kept.length ? kept.map(line) : [nothing]));
  }

  function line({ name, scenario: plain }) {
    const scenario = Scenario.of(plain);
    const answer = told.get(name);
    const actions = cell("td", "", "no-print actions");
    const load = action(texts.open, name, () => open(Scenario.of(plain)));
    const drop = action(texts.delete, name, () => {
      kept.splice(kept.findIndex((each) => each.name === name), 1);
      write(key, kept);
      show();
    });
    actions.append(load, drop);
    return row([...values(name, scenario, answer).map((words, place) => cell(place ? "td" : "th", words, place && place < 8 ? "number" : "")), actions]);
  }

  function values(name, scenario, answer) {
    if (!answer) return [name, String(scenario.sites.length), ...Array(7).fill("…")];
    const figures = figuresOf(answer, scenario);
    return [
      name,
      String(scenario.sites.length),
      count(figures.households, texts),
      count(figures.residents, texts),
      count(figures.elderly, texts),
      `${figures.before} → ${figures.after}`,
      amount(figures.cost),
      amount(figures.each),
      streetsOf(answer, texts),
    ];
  }

  function csvOf() {
    const heads = [...document.querySelectorAll("#compare thead th:not(.no-print)")].map((head) => head.textContent);
    const lines = kept.map(({ name, scenario }) => {
      const plain = Scenario.of(scenario);
      const answer = told.get(name);
      if (!answer) return [name, plain.sites.length];
      const figures = figuresOf(answer, plain);
      return [name, plain.sites.length, figures.households, figures.residents, figures.elderly, `${figures.before} → ${figures.after}`, figures.cost, figures.each, streetsOf(answer, texts)];
    });
    return [heads, ...lines].map((fields) => fields.map(quoted).join(",")).join("\r\n");
  }

  show();
  for (const { name, scenario } of kept) {
    postJson(url, Scenario.of(scenario).question())
      .then((answer) => { told.set(name, answer); show(); })
      .catch((error) => console.warn(error));
  }
}

function action(words, name, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: words });
  button.setAttribute("aria-label", `${words} ${name}`);
  button.addEventListener("click", act);
  return button;
}

// A name that a spreadsheet would take for a formula stays a text.
function quoted(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const plain = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

function read(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

function write(key, kept) {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch (error) {
    console.warn(error); // a full or forbidden store: the comparison lasts as long as the page
  }
}
