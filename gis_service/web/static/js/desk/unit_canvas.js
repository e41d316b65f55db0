// Draws the units of a draft on one canvas: fills by grid, patterns by status, borders, what is chosen, and names.

import { token } from "../rendering/tokens.js";
import { UNASSIGNED } from "./draft.js";
import { drawNames, estatePlaces } from "./names.js";
import { placesOf } from "./name_places.js";
import { estateNames } from "./page.js";
import { patternFor } from "./patterns.js";

const NAMES = "desk-names";
const FILL = 0.62;
const LABEL_ROOM = 22; // a name is drawn where there is at least so much room across [px]
const UNIT_LINES_FROM = 14.5;

export const UnitCanvas = L.Renderer.extend({
  initialize(desk) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.2, pane: "overlayPane" });
    this.desk = desk;
    this.sketch = null; // what a tool draws on top: (context, toPixels) => void
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "unit-canvas";
    this._container.setAttribute("aria-hidden", "true");
    this.context = this._container.getContext("2d");
    this.writing = document.createElement("canvas"); // names stand above buildings
    this.writing.className = "unit-canvas";
    this.writing.setAttribute("aria-hidden", "true");
    this._map.createPane(NAMES).style.zIndex = 450;
    this._map.getPane(NAMES).append(this.writing);
    if (this._zoomAnimated) this.writing.classList.add("leaflet-zoom-hide");
  },

  _destroyContainer() {
    cancelAnimationFrame(this.frame);
    this._container.remove();
    this.writing.remove();
  },

  // Leaflet asks for this after every move and zoom.
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const sharpness = window.devicePixelRatio || 1;
    for (const canvas of [this._container, this.writing]) {
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = size.x * sharpness;
      canvas.height = size.y * sharpness;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    this.paint();
  },

  // At most once a frame, whatever happened in it.
  refresh() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this._map) this.paint();
    });
  },

  paint() {
    const { desk, context } = this;
    if (!desk.view || !this._bounds) return;
    const started = performance.now();
    const sharpness = window.devicePixelRatio || 1;
    const { scale, x, y } = desk.land.placedOn(this._map);
    const place = { scale: scale * sharpness, x: (x - this._bounds.min.x) * sharpness, y: (y - this._bounds.min.y) * sharpness };
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this._container.width, this._container.height);
    context.setTransform(place.scale, 0, 0, place.scale, place.x, place.y);
    const px = sharpness / place.scale; // one pixel of the screen on the plane
    const listed = new Map(desk.grids().listed.map((grid) => [grid.key, grid]));
    this.fill(listed, px);
    this.lines(listed, px);
    this.choice(px);
    this.sketch?.(context, px);
    this.names(listed, place, sharpness);
    this._container.dataset.paintMs = (performance.now() - started).toFixed(1);
  },

  fill(listed, px) {
    const { desk, context } = this;
    const { units } = desk.land;
    const groups = new Map();
    desk.labels.forEach((label, unit) => {
      if (!groups.has(label)) groups.set(label, []);
      groups.get(label).push(units[unit].path);
    });
    for (const [label, paths] of groups) {
      const grid = listed.get(label);
      context.globalAlpha = FILL;
      context.fillStyle = token(grid ? `grid-${grid.hue}` : "paper");
      for (const path of paths) context.fill(path);
      const pattern = patternFor(context, label === UNASSIGNED ? "unassigned" : grid.status, px);
      context.globalAlpha = 1;
      if (!pattern) continue;
      context.fillStyle = pattern;
      for (const path of paths) context.fill(path);
    }
  },

  lines(listed, px) {
    const { desk, context } = this;
    const { labels, land } = desk;
    const between = new Path2D();
    const inner = new Path2D();
    for (const { left, right, one, other } of land.edges) {
      const path = right >= 0 && labels[left] === labels[right] ? inner : between;
      path.moveTo(...one);
      path.lineTo(...other);
    }
    context.lineCap = "round";
    context.lineJoin = "round";
    if (this._map.getZoom() >= UNIT_LINES_FROM) this.stroke(inner, "unit-line", 0.7 * px);
    this.stroke(between, "paper", 4.5 * px);
    this.stroke(between, "ink", 2 * px);
  },

  choice(px) {
    const { desk } = this;
    const { labels, selected, shown, land } = desk;
    if (desk.chosen !== null) this.outline((unit) => labels[unit] === desk.chosen, "accent", 4 * px, px);
    if (shown.size) this.outline((unit) => shown.has(unit), "gap", 3.5 * px, px);
    if (selected.size) {
      this.context.globalAlpha = 0.35;
      this.context.fillStyle = token("focus");
      for (const unit of selected) this.context.fill(land.units[unit].path);
      this.context.globalAlpha = 1;
      this.outline((unit) => selected.has(unit), "focus", 3 * px, px);
    }
    if (desk.focused !== null && document.activeElement === this._map.getContainer()) {
      const { path } = land.units[desk.focused];
      this.stroke(path, "paper", 5 * px);
      this.context.setLineDash([6 * px, 4 * px]);
      this.stroke(path, "ink", 2.5 * px);
      this.context.setLineDash([]);
    }
  },

  // Around units for which ``inside`` holds.
  outline(inside, colour, width, px) {
    const path = new Path2D();
    for (const { left, right, one, other } of this.desk.land.edges) {
      if (inside(left) === (right >= 0 && inside(right))) continue;
      path.moveTo(...one);
      path.lineTo(...other);
    }
    this.stroke(path, "paper", width + 2.5 * px);
    this.stroke(path, colour, width);
  },

  stroke(path, colour, width) {
    this.context.lineWidth = width;
    this.context.strokeStyle = token(colour);
    this.context.stroke(path);
  },

  names(listed, { scale, x, y }, sharpness) {
    const context = this.writing.getContext("2d");
    context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    context.clearRect(0, 0, this.writing.width, this.writing.height);
    const onScreen = (place) => [(place[0] * scale + x) / sharpness, (place[1] * scale + y) / sharpness];
    drawNames(context, {
      zoom: this._map.getZoom(),
      grids: this.places(listed)
        .filter(({ width }) => (width * scale) / sharpness >= LABEL_ROOM)
        .sort((one, other) => (other.key === this.desk.chosen) - (one.key === this.desk.chosen) || other.width - one.width)
        .map(({ key, place }) => ({ grid: listed.get(key), at: onScreen(place) })),
      estates: this.estates().map(({ name, place }) => ({ name, at: onScreen(place) })),
    });
  },

  // Where the names of estates stand; they move with the land only.
  estates() {
    const { land } = this.desk;
    if (this.named?.land !== land) this.named = { land, found: estatePlaces(land, estateNames ?? {}) };
    return this.named.found;
  },

  // Where each grid's name stands; found anew only after units changed grids.
  places(listed) {
    const { labels, land } = this.desk;
    if (this.placed?.labels !== labels || this.desk.preview) this.placed = { labels, found: placesOf(land, labels) };
    return this.placed.found.filter(({ key }) => listed.has(key));
  },
});
