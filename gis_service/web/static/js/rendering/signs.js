// Facilities are signs: a letter in a shape of its kind, built from elements, never from markup; proposed ones a number.

import { texts } from "../data/page.js";

export const SIGN_PX = 30;
const PROPOSED = "sites";
const LAYERS = { facilities: { className: "", lift: 1000 }, other_facilities: { className: " sign-quiet", lift: 0 } };

export const isSigned = (name) => name in LAYERS || name === PROPOSED;
export const kindName = (kind) => texts.facility_kind[kind] ?? kind;

export const signOf = (layer) => (layer === PROPOSED ? proposedMarker : facilityMarker(layer));

const facilityMarker = (layer) => (feature, latlng) => {
  const { kind, name } = feature.properties;
  const { className, lift } = LAYERS[layer];
  const key = kind in texts.facility ? kind : "other";
  const { sign, shape } = texts.facility[key];
  return signMarker(latlng, sign, `sign sign-${shape} kind-${key}${className}`, lift, `${kindName(kind)} ${name}`);
};

// A proposal is hollow and numbered: nothing stands there yet.
function proposedMarker(feature, latlng) {
  const { rank, name } = feature.properties;
  return signMarker(latlng, rank, "sign sign-circle sign-proposed", 2000, `${texts.layer.sites} ${rank} ${name}`);
}

function signMarker(latlng, sign, className, lift, label) {
  const letter = document.createElement("span");
  letter.textContent = sign;
  const badge = document.createElement("span");
  badge.className = className;
  badge.append(letter);
  const icon = L.divIcon({ html: badge, className: "sign-holder", iconSize: [SIGN_PX, SIGN_PX] });
  const marker = L.marker(latlng, { icon, riseOnHover: true, zIndexOffset: lift });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", label));
  return marker;
}
