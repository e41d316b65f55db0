// The panel about what was chosen on the map: a card beside the map, a sheet on a phone.

import { parameters, texts } from "../data/page.js";
import { factsOf } from "./facts.js";

const panel = document.getElementById("details");
let returnTo = null;
let onClose = () => {};

// ``more`` is a promise of remarks and rows that are not known yet; ``quietly`` leaves the focus where it is.
export function showDetails(name, properties, { closed, more, quietly = false }) {
  const { title, subtitle, status, rows } = factsOf(name, properties);
  const heading = element("h2", title, { id: "details-title", tabIndex: -1 });
  const close = element("button", "×", { type: "button", className: "icon-button" });
  close.setAttribute("aria-label", texts.say.close);
  close.addEventListener("click", hideDetails);
  const head = element("div", "", { className: "details-head" });
  head.append(heading, close);
  const facts = document.createElement("dl");
  facts.append(...rows.flatMap(pair));
  const parts = [head];
  if (subtitle) parts.push(element("p", subtitle, { className: "details-subtitle" }));
  if (status) parts.push(element("p", texts.status[status], { className: `status status-${status}` }));
  parts.push(facts, element("p", parameters, { className: "details-foot" }));
  if (panel.hidden) returnTo = document.activeElement;
  panel.replaceChildren(...parts);
  panel.hidden = false;
  panel.dataset.layer = name;
  onClose = closed;
  if (!quietly) heading.focus({ preventScroll: true });
  return more?.then((known) => complete(facts, known));
}

// Another feature may have been chosen meanwhile: then its panel stays as it is.
function complete(facts, { remarks, rows }) {
  if (!facts.isConnected) return;
  const list = element("ul", "", { className: "details-remarks" });
  list.append(...remarks.map(({ text, severity }) => element("li", text, { className: `remark-${severity}` })));
  if (remarks.length) facts.before(list);
  facts.append(...rows.flatMap(pair));
}

function pair([label, value]) {
  const said = document.createElement("dd");
  said.append(...(Array.isArray(value) ? value : [String(value)]));
  return [element("dt", label), said];
}

// Zero while the panel is hidden.
export const detailsSize = () => ({ width: panel.offsetWidth, height: panel.offsetHeight });

export function hideDetails() {
  if (panel.hidden) return;
  panel.hidden = true;
  onClose();
  returnTo?.focus?.({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) hideDetails();
});

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  made.textContent = text;
  return made;
}
