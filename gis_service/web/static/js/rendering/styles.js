// How the features of a layer look. Grid statuses differ by pattern as well as by colour.

import { token } from "./tokens.js";

const STATUSES = new Set(["normal", "small", "large", "conflict", "special", "empty"]);

const line = (colour, weight, more = {}) => ({ color: token(colour), weight, fill: false, ...more });

const STYLES = {
  communities: () => ({ color: token("community"), weight: 2.5, opacity: 0.9, fillColor: token("paper"), fillOpacity: 0.01 }),
  streets: () => line("street-edge", 3, { opacity: 0.85, dashArray: "10 5" }),
  counties: () => line("ink", 3.5, { opacity: 0.8, dashArray: "14 5 3 5" }),
  estates: () => ({ color: token("estate-edge"), weight: 1.2, fillColor: token("estate"), fillOpacity: 0.35 }),
  barriers: ({ kind }) => barrier(kind),
  grids: ({ status }) => {
    const known = STATUSES.has(status) ? status : "special";
    return { color: token(`${known}-edge`), weight: 1.1, fillColor: `url(#fill-${known})`, fillOpacity: 1 };
  },
  circles: () => ({ color: token("circle"), weight: 2.2, fillColor: token("circle"), fillOpacity: 0.07 }),
  facility_circles: () => ({ color: token("circle"), weight: 1.1, opacity: 0.7, dashArray: "4 4", fillOpacity: 0.04 }),
  gaps: () => ({ color: token("gap"), weight: 2, dashArray: "6 4", fillColor: "url(#fill-gap)", fillOpacity: 1 }),
};

function barrier(kind) {
  if (kind === "river") return { color: token("water-edge"), weight: 1.5, fillColor: token("water"), fillOpacity: 0.8 };
  if (kind === "railway") return line("railway", 2, { dashArray: "7 5" });
  if (kind === "wall") return line("wall", 1, { dashArray: "2 3" });
  return line("road-edge", kind === "expressway" ? 3.5 : 2.2);
}

const SELECTABLE = new Set(["grids", "communities", "gaps", "estates"]);

export const isSelectable = (name) => SELECTABLE.has(name);
export const styleOf = (name) => (feature) => STYLES[name](feature.properties);
export const selectedStyle = () => ({ color: token("ink"), weight: 3.5, opacity: 1, fill: false });
