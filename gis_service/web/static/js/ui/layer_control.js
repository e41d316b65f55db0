// The switches of the legend show and hide the layers.

import { layerNamed } from "../data/registry.js";

const switches = new Map([...document.querySelectorAll("[data-layer]")].map((box) => [box.dataset.layer, box]));

export function startLayerControl() {
  for (const [name, box] of switches) box.addEventListener("change", () => setShown(name, box.checked));
}

export function setShown(name, shown) {
  const box = switches.get(name);
  if (box) box.checked = shown;
  const layer = layerNamed(name);
  return shown ? layer.show() : layer.hide();
}
