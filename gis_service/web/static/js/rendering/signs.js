// Facilities are signs: a letter in a shape of its kind, built from elements, never from markup.

import { texts } from "../data/page.js";

const SIZE = 30;

export function facilityMarker(feature, latlng) {
  const { kind, name, counted } = feature.properties;
  const key = kind in texts.facility ? kind : "other";
  const { sign, shape, name: kindName } = texts.facility[key];
  const letter = document.createElement("span");
  letter.textContent = sign;
  const badge = document.createElement("span");
  badge.className = `sign sign-${shape} kind-${key}${counted === false ? " sign-quiet" : ""}`;
  badge.append(letter);
  const icon = L.divIcon({ html: badge, className: "sign-holder", iconSize: [SIZE, SIZE] });
  const marker = L.marker(latlng, { icon, riseOnHover: true, zIndexOffset: counted ? 1000 : 0 });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", `${kindName} ${name}`));
  return marker;
}
