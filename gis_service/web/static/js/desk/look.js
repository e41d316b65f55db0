// Grids of a version as the desk's canvas draws them: to be looked at, and one of them chosen.

import { huesOf } from "./colours.js";
import { landOf } from "./land.js";

export class Look {
  // ``features``: one a grid, with code, label, status and households; each may lie in several parts.
  constructor({ features }) {
    const parts = features.flatMap(({ properties, geometry }, key) =>
      geometry.coordinates.map((rings) => ({ properties: { code: properties.code, estate: null, key }, geometry: { coordinates: rings } })));
    this.land = landOf({ features: parts, borders: [], bridges: [], version: "" });
    this.labels = Int32Array.from(this.land.units, ({ key }) => key);
    const borders = this.land.edges.filter(({ right }) => right >= 0).map(({ left, right }) => [left, right]);
    const hues = huesOf(new Map(), [...features.keys()], this.labels, borders);
    this.listed = features.map(({ properties }, key) => ({ ...properties, key, hue: hues.get(key), locked: false }));
    this.view = this;
    this.preview = null;
    this.selected = new Set();
    this.shown = new Set();
    this.focused = null;
    this.chosen = null;
  }

  grids() {
    return { listed: this.listed };
  }

  keyOf(code) {
    return this.listed.find((grid) => grid.code === code)?.key ?? null;
  }

  codeAt(latlng) {
    const part = this.land.unitAt(this.land.onPlane(latlng));
    return part === null ? null : this.listed[this.labels[part]].code;
  }

  boundsOf(codes) {
    const keys = new Set(codes.map((code) => this.keyOf(code)));
    return this.land.boundsOf([...this.labels.keys()].filter((part) => keys.has(this.labels[part])));
  }

  bounds() {
    return this.land.boundsOf([...this.labels.keys()]);
  }
}
