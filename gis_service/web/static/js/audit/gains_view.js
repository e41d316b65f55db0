// What a scenario gains, written out: the one number, the figures beside it, regions and sites.

import { percentOf } from "./percent.js";

const LOCALE = document.documentElement.lang;
const whole = new Intl.NumberFormat(LOCALE);
const cents = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const small = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 }); // a small cost is no cost of nothing

export const count = (value, texts) => (value === null || value === undefined ? texts.unknown : whole.format(value));
export const amount = (value) => (value === null ? "—" : (Math.abs(value) < 1 ? small : cents).format(value));
export const share = (covered, total) => (total ? percentOf(covered / total) : "—");
export const measureOf = (told, name) => told.coverage.find(({ measure }) => measure === name);
export const change = ({ before, after }) => (before === null || after === null ? null : after - before);

// Every figure of a scenario by name; null: unknown.
export function figuresOf(told, scenario) {
  const households = measureOf(told, "households");
  const gained = change(households);
  return {
    households: gained,
    residents: change(measureOf(told, "residents")),
    elderly: change(measureOf(told, "elderly")),
    before: share(households.before, households.total),
    after: share(households.after, households.total),
    reached: households.after,
    nearer: told.households_nearer,
    cost: scenario.cost,
    each: scenario.cost !== null && gained > 0 ? scenario.cost / gained : null,
  };
}

export function showFigures(told, scenario, texts) {
  const figures = figuresOf(told, scenario);
  const line = document.getElementById("gain");
  const note = document.getElementById("gain-note");
  line.hidden = scenario.empty;
  line.textContent = scenario.empty ? "" : signed(figures.households);
  note.textContent = scenario.empty ? texts.none : noteOf(told, texts);
  const facts = {
    residents: scenario.empty ? "—" : count(figures.residents, texts),
    elderly: scenario.empty ? "—" : count(figures.elderly, texts),
    share: scenario.empty ? figures.before : `${figures.before} → ${figures.after}`,
    nearer: scenario.empty ? "—" : `${whole.format(figures.nearer)} ${texts.households}`,
    cost: amount(figures.cost),
    each: amount(figures.each),
  };
  for (const [name, words] of Object.entries(facts)) document.querySelector(`[data-fact="${name}"]`).textContent = words;
}

export function showRegions(told, texts) {
  const rows = told.regions
    .filter(({ level }) => level !== "county")
    .map((region) => row([
      cell("th", region.name, `level-${region.level}`),
      ...["households", "residents", "elderly"].map((name) => cell("td", net(region, name, texts), "number")),
    ]));
  document.getElementById("regions").replaceChildren(...rows);
}

// One line a site: its name, what it adds beyond those above it, its cost, and a button that takes it away.
export function showSites(scenario, told, texts, { priced, removed }) {
  const items = scenario.sites.map((site, place) => {
    const item = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = site.name;
    const gain = document.createElement("span");
    gain.className = "site-gain";
    gain.textContent = gainOf(told?.sites[place], texts);
    const cost = document.createElement("label");
    cost.className = "site-cost";
    const input = Object.assign(document.createElement("input"), { type: "number", min: 0, step: "any", value: site.cost ?? "" });
    input.addEventListener("change", () => priced(site, input.value === "" ? null : Math.max(0, Number(input.value))));
    cost.append(`${texts.cost} `, input);
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: texts.remove });
    remove.setAttribute("aria-label", `${texts.remove} ${site.name}`);
    remove.addEventListener("click", () => removed(site));
    item.append(name, gain, cost, remove);
    return item;
  });
  document.getElementById("sites").replaceChildren(...items);
  document.getElementById("sites-note").hidden = items.length < 2;
}

export function showGains(told, texts) {
  const gains = document.querySelectorAll(".site-gain");
  told.sites.forEach((site, place) => { if (gains[place]) gains[place].textContent = gainOf(site, texts); });
}

export function cell(tag, words, className = "") {
  const made = document.createElement(tag);
  if (tag === "th") made.scope = "row";
  if (className) made.className = className;
  made.textContent = words;
  return made;
}

export function row(cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

// Where some gain and others lose, the one number is what remains: both are told.
function noteOf({ households_gained: gained, households_lost: lost }, texts) {
  if (!gained && !lost) return texts.no_change;
  if (!lost) return texts.gains;
  return `${texts.balance} ${texts.gains_of} ${whole.format(gained)}${texts.comma}${texts.loses_of} ${whole.format(lost)}`;
}

const signed = (value) => (value > 0 ? `+${whole.format(value)}` : whole.format(value));

function gainOf(site, texts) {
  if (!site) return "";
  return site.on_street ? `${signed(site.households_gained)} ${texts.households}` : texts.off_street;
}

function net(region, name, texts) {
  const [gained, lost] = [region[`${name}_gained`], region[`${name}_lost`]];
  return gained === null || lost === null ? texts.unknown : signed(gained - lost);
}
