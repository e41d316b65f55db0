// Draws the units of a draft: units on one canvas, what a tool draws on a second, names on a third above buildings.

import { drawNames, estatePlaces } from "./names.js";
import { placesOf } from "./name_places.js";
import { estateNames } from "./page.js";
import { looksOf, paintUnits } from "./unit_painting.js";

const NAMES = "desk-names";
const LABEL_ROOM = 22; // a name is drawn where there is at least so much room across [px]
const UNIT_LINES_FROM = 14.5;
const LINE_PX = 5; // lines reach so far out of their units

export const UnitCanvas = L.Renderer.extend({
  initialize(desk) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.2, pane: "overlayPane" });
    this.desk = desk;
    this.sketch = null; // what a tool draws on top: (context, px) => whether it drew anything
    this.forget();
  },

  // Nothing is on the canvases.
  forget() {
    this.painted = null; // how units look
    this.sketched = false; // whether a tool's drawing is there
    this.written = null; // which names are where
  },

  _initContainer() {
    this._container = canvasElement();
    this.sketching = canvasElement();
    this.writing = canvasElement();
    this._map.getPane("overlayPane").append(this.sketching);
    this._map.createPane(NAMES).style.zIndex = 450;
    this._map.getPane(NAMES).append(this.writing);
    if (this._zoomAnimated) for (const canvas of [this.sketching, this.writing]) canvas.classList.add("leaflet-zoom-hide");
  },

  _destroyContainer() {
    cancelAnimationFrame(this.frame);
    for (const canvas of [this._container, this.sketching, this.writing]) canvas.remove();
  },

  // Leaflet asks for this after every move and zoom.
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const sharpness = window.devicePixelRatio || 1;
    for (const canvas of [this._container, this.sketching, this.writing]) {
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = size.x * sharpness;
      canvas.height = size.y * sharpness;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    this.forget();
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
    const { desk } = this;
    if (!desk.view || !this._bounds) return;
    const started = performance.now();
    const sharpness = window.devicePixelRatio || 1;
    const { scale, x, y } = desk.land.placedOn(this._map);
    const place = { scale: scale * sharpness, x: (x - this._bounds.min.x) * sharpness, y: (y - this._bounds.min.y) * sharpness };
    const px = sharpness / place.scale; // one pixel of the screen on the plane
    const listed = new Map(desk.grids().listed.map((grid) => [grid.key, grid]));
    this.units(listed, place, px);
    this.tool(place, px);
    this.names(listed, place, sharpness);
    this._container.dataset.paintMs = (performance.now() - started).toFixed(1);
  },

  // Only where units look different from what is on the canvas.
  units(listed, place, px) {
    const { desk } = this;
    const standing = document.activeElement === this._map.getContainer() ? desk.focused : null;
    const looks = looksOf(desk, listed, standing);
    const pixels = this.changedPixels(looks, place, px);
    this.painted = { land: desk.land, looks };
    if (!pixels) return;
    const context = this._container.getContext("2d");
    const { left, top, right, bottom } = pixels;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    context.setTransform(place.scale, 0, 0, place.scale, place.x, place.y);
    const [west, east] = [left, right].map((at) => (at - place.x) / place.scale);
    const [north, south] = [top, bottom].map((at) => (at - place.y) / place.scale);
    const margin = LINE_PX * px; // lines beside the box reach into it
    const box = [west - margin, north - margin, east + margin, south + margin];
    paintUnits(context, desk, { listed, standing, box, px, inner: this._map.getZoom() >= UNIT_LINES_FROM });
    context.restore();
  },

  // Whole pixels of the canvas, so that no seam shows between old and new; null where nothing changed.
  changedPixels(looks, { scale, x, y }, px) {
    const { land } = this.desk;
    const { width, height } = this._container;
    if (this.painted?.land !== land) return { left: 0, top: 0, right: width, bottom: height };
    const box = L.bounds([]);
    looks.forEach((look, unit) => {
      if (look !== this.painted.looks[unit]) for (const corner of land.units[unit].box) box.extend(corner);
    });
    if (!box.isValid()) return null;
    const margin = LINE_PX * px;
    return {
      left: Math.max(0, Math.floor((box.min.x - margin) * scale + x)),
      top: Math.max(0, Math.floor((box.min.y - margin) * scale + y)),
      right: Math.min(width, Math.ceil((box.max.x + margin) * scale + x)),
      bottom: Math.min(height, Math.ceil((box.max.y + margin) * scale + y)),
    };
  },

  tool({ scale, x, y }, px) {
    const context = this.sketching.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.sketched) context.clearRect(0, 0, this.sketching.width, this.sketching.height);
    context.setTransform(scale, 0, 0, scale, x, y);
    this.sketched = this.sketch?.(context, px) ?? false;
  },

  names(listed, { scale, x, y }, sharpness) {
    const onScreen = (place) => [(place[0] * scale + x) / sharpness, (place[1] * scale + y) / sharpness];
    const grids = this.places(listed)
      .filter(({ width }) => (width * scale) / sharpness >= LABEL_ROOM)
      .sort((one, other) => (other.key === this.desk.chosen) - (one.key === this.desk.chosen) || other.width - one.width)
      .map(({ key, place }) => ({ grid: listed.get(key), at: onScreen(place) }));
    const estates = this.estates().map(({ name, place }) => ({ name, at: onScreen(place) }));
    const told = JSON.stringify([grids.map(({ grid: { label, households, status, locked }, at }) => [label, households, status, locked, at]), estates]);
    if (told === this.written) return;
    this.written = told;
    const context = this.writing.getContext("2d");
    context.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    context.clearRect(0, 0, this.writing.width, this.writing.height);
    drawNames(context, { zoom: this._map.getZoom(), grids, estates });
  },

  // Where the names of estates stand; they move with the land only.
  estates() {
    const { land } = this.desk;
    if (this.named?.land !== land) this.named = { land, found: estatePlaces(land, estateNames ?? {}) };
    return this.named.found;
  },

  // Where each grid's name stands: found anew once units have changed grids, not while the pointer paints.
  places(listed) {
    const { view, land } = this.desk;
    if (this.placed?.labels !== view.labels) this.placed = { labels: view.labels, found: placesOf(land, view.labels) };
    return this.placed.found.filter(({ key }) => listed.has(key));
  },
});

function canvasElement() {
  const canvas = document.createElement("canvas");
  canvas.className = "unit-canvas";
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}
