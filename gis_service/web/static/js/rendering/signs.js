// Facilities are signs: a letter in a shape of its kind, built from elements, never from markup.

import { texts } from "../data/page.js";

export const SIGN_PX = 30;
const LAYERS = { facilities: { className: "", lift: 1000 }, other_facilities: { className: " sign-quiet", lift: 0 } };

export const isFacilities = (name) => name in LAYERS;
export const kindName = (kind) => texts.facility_kind[kind] ?? kind;

export const facilityMarker = (layer) => (feature, latlng) => {
  const { kind, name } = feature.properties;
  const { className, lift } = LAYERS[layer];
  const key = kind in texts.facility ? kind : "other";
  const { sign, shape } = texts.facility[key];
  const letter = document.createElement("span");
  letter.textContent = sign;
  const badge = document.createElement("span");
  badge.className = `sign sign-${shape} kind-${key}${className}`;
  badge.append(letter);
  const icon = L.divIcon({ html: badge, className: "sign-holder", iconSize: [SIGN_PX, SIGN_PX] });
  const marker = L.marker(latlng, { icon, riseOnHover: true, zIndexOffset: lift });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", `${kindName(kind)} ${name}`));
  return marker;
};
