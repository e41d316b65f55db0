// How the features of a layer look. Grid statuses differ by pattern as well as by colour.

import { token } from "./tokens.js";

const STATUSES = new Set(["normal", "small", "large", "conflict", "special", "empty"]);

// From the widest cut-off inwards: the ground grows darker and the line's rhythm changes, so that no colour is needed.
const BANDS = [
  { weight: 2.2, fillOpacity: 0.07 },
  { weight: 1.8, dashArray: "9 5", fillOpacity: 0.1 },
  { weight: 1.8, dashArray: "1.5 4.5", fillOpacity: 0.14 },
];

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
  circles: ({ band }) => ({ color: token("circle"), fillColor: token("circle"), ...BANDS[Math.min(band, BANDS.length - 1)] }),
  facility_circles: () => ({ color: token("circle"), weight: 1.1, opacity: 0.7, dashArray: "4 4", fillOpacity: 0.04 }),
  catchments: ({ shade }) => ({ color: token("catchment-edge"), weight: 1.8, fillColor: token(`catchment-${shade}`), fillOpacity: 0.55 }),
  gaps: () => ({ color: token("gap"), weight: 2, dashArray: "6 4", fillColor: "url(#fill-gap)", fillOpacity: 1 }),
};

function barrier(kind) {
  if (kind === "river") return { color: token("water-edge"), weight: 1.5, fillColor: token("water"), fillOpacity: 0.8 };
  if (kind === "railway") return line("railway", 2, { dashArray: "7 5" });
  if (kind === "wall") return line("wall", 1, { dashArray: "2 3" });
  return line("road-edge", kind === "expressway" ? 3.5 : 2.2);
}

const SELECTABLE = new Set(["grids", "communities", "gaps", "estates", "catchments"]);

export const isSelectable = (name) => SELECTABLE.has(name);
export const styleOf = (name) => (feature) => STYLES[name](feature.properties);
export const selectedStyle = () => ({ color: token("ink"), weight: 3.5, opacity: 1, fill: false });
