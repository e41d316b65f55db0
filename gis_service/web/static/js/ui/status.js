// One line over the map for what is wrong; empty while nothing is.

import { texts } from "../data/page.js";

const failed = new Set();

export function report(name, error) {
  console.warn(error);
  failed.add(name);
  show();
}

export function withdraw(name) {
  if (failed.delete(name)) show();
}

function show() {
  const line = document.getElementById("map-status");
  line.hidden = failed.size === 0;
  line.textContent = failed.size ? `${texts.say.failed}${[...failed].map((name) => texts.layer[name]).join(texts.say.listed)}` : "";
}
