// The legend explains only those kinds of facility that the map shows.

import { texts } from "../data/page.js";
import { layerNamed } from "../data/registry.js";

export function startLegend() {
  const facilities = layerNamed("facilities");
  facilities?.on("drawn", () => {
    const present = new Set(facilities.features().map(({ feature }) => kindOf(feature.properties.kind)));
    for (const entry of document.querySelectorAll("[data-kind]")) entry.hidden = !present.has(entry.dataset.kind);
  });
}

const kindOf = (kind) => (kind in texts.facility ? kind : "other");
