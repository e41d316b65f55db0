// The tools of the pointer: choose, paint, draw a box, drag a border, draw a line. Whatever the pointer does can be
// done with the keyboard too: box and line through a cross that the arrow keys move.

import { UNASSIGNED } from "./draft.js";
import { nameOf } from "./grid_table.js";
import { count, estateNames, people, say } from "./page.js";
import { tellPlace } from "./status.js";
import { drawBox, drawLine, drawRing } from "./sketches.js";

export const TOOLS = ["select", "brush", "box", "border", "line"];
export const SIZES = [0, 14, 30]; // of the brush [px]
const CROSS_PX = 12;
const STEP_PX = 4;

export class Tools {
  constructor(map, desk, canvas, { changed, drawn }) {
    Object.assign(this, { map, desk, canvas, changed, drawn });
    this.name = "select";
    this.size = SIZES[0];
    this.mode = "split"; // what a line does: "split" a grid, draw a "border" anew, or "cut" units only
    this.stroke = null; // while the button is down: units painted, or the corner of a box
    this.points = []; // of a line
    this.waiting = false; // for what becomes of it
    this.cross = null; // where the keyboard draws
    this.pointer = null; // where the pointer is
    this.surface = map.getContainer();
    canvas.sketch = (context, px) => this.sketch(context, px);
    this.listen();
  }

  use(name) {
    if (!this.desk.editable && name !== "select") return;
    this.cancel();
    this.name = name;
    this.map.dragging[name === "select" ? "enable" : "disable"]();
    this.surface.dataset.tool = name;
    this.changed();
  }

  listen() {
    const { surface, map } = this;
    surface.addEventListener("pointerdown", (event) => this.down(event));
    surface.addEventListener("pointermove", (event) => this.move(event));
    surface.addEventListener("pointerup", (event) => this.up(event));
    surface.addEventListener("pointercancel", () => this.cancel());
    surface.addEventListener("pointerleave", () => { this.pointer = null; tellPlace(""); this.canvas.refresh(); });
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
    surface.addEventListener("dblclick", () => { if (this.name === "line") this.finish(); });
    map.on("click", (event) => { if (this.name === "select") this.pick(event); });
  }

  // A click chooses the unit and its grid; with Shift or Ctrl it adds units to those chosen, or takes them out.
  pick({ latlng, originalEvent }) {
    const { desk } = this;
    const unit = desk.land.unitAt(desk.land.onPlane(latlng));
    desk.shown = new Set();
    if (unit === null) return desk.select([]);
    desk.focused = unit;
    if (originalEvent.shiftKey || originalEvent.ctrlKey || originalEvent.metaKey) return desk.toggle(unit);
    if (desk.labels[unit] !== UNASSIGNED) desk.chosen = desk.labels[unit];
    return desk.select(desk.editable ? [unit] : []);
  }

  down(event) {
    if (event.target.closest(".leaflet-control")) return;
    this.surface.focus({ preventScroll: true });
    if (event.button > 0) {
      if (this.name !== "select") this.grab(event);
      return;
    }
    const place = this.placeOf(event);
    this.cross = null;
    if (this.name === "line") this.addPoint(place);
    else if (this.name === "box") this.stroke = { from: place, to: place, add: event.shiftKey };
    else if (this.name === "brush" || this.name === "border") this.beginPainting(place, event);
    if (this.stroke) this.surface.setPointerCapture(event.pointerId);
  }

  // With the other buttons the map moves under every tool.
  grab(event) {
    this.held = L.point(event.clientX, event.clientY);
    this.surface.setPointerCapture(event.pointerId);
  }

  beginPainting(place, event) {
    const { desk } = this;
    const unit = desk.land.unitAt(place);
    const below = unit === null ? UNASSIGNED : desk.labels[unit];
    if (this.name === "brush" && event.altKey && below !== UNASSIGNED) return desk.choose(below);
    const key = this.name === "border" ? below : desk.chosen;
    if (key === null || key === UNASSIGNED) return desk.tell(say(this.name === "border" ? "start_in_grid" : "choose_first"), "refused");
    const { locked, label } = desk.view.grids.get(key);
    if (locked) return desk.tell(say("locked", { grid: label }), "refused");
    this.stroke = { key, units: new Set(), left: new Set(), why: null, last: place };
    desk.preview = desk.view.labels.slice();
    return this.paintAlong(place);
  }

  paintAlong(place) {
    const { desk, stroke } = this;
    const px = this.planePixel();
    const steps = Math.max(1, Math.ceil(Math.hypot(place[0] - stroke.last[0], place[1] - stroke.last[1]) / (STEP_PX * px)));
    for (let step = 1; step <= steps; step += 1) {
      const share = step / steps;
      this.paintAt([stroke.last[0] + share * (place[0] - stroke.last[0]), stroke.last[1] + share * (place[1] - stroke.last[1])], px);
    }
    stroke.last = place;
    desk.changed("labels");
  }

  paintAt(place, px) {
    const { desk, stroke } = this;
    const found = this.brushAt(place, px).map((at) => desk.land.unitAt(at)).filter((unit) => unit !== null);
    for (const unit of desk.wholeEstates ? desk.withEstates(found) : found) {
      if (stroke.units.has(unit) || stroke.left.has(unit) || desk.view.labels[unit] === stroke.key) continue;
      const why = desk.hindrance(unit, stroke.key);
      if (why !== null) {
        this.leave(unit, why);
        continue;
      }
      stroke.units.add(unit);
      desk.preview[unit] = stroke.key;
    }
  }

  // A stroke passes over what may not change, and says so once.
  leave(unit, why) {
    const { desk, stroke } = this;
    stroke.left.add(unit);
    if (stroke.why !== null) return;
    stroke.why = why;
    desk.tell(why);
  }

  // Places under the brush: its middle and two rings around it.
  brushAt([x, y], px) {
    const places = [[x, y]];
    if (this.name !== "brush" || !this.size) return places;
    for (const radius of [this.size / 2, this.size]) {
      for (let turn = 0; turn < 8; turn += 1) {
        const angle = (turn * Math.PI) / 4;
        places.push([x + radius * px * Math.cos(angle), y + radius * px * Math.sin(angle)]);
      }
    }
    return places;
  }

  move(event) {
    if (this.held) {
      const here = L.point(event.clientX, event.clientY);
      this.map.panBy(this.held.subtract(here), { animate: false });
      this.held = here;
      return;
    }
    this.pointer = this.placeOf(event);
    if (this.stroke?.units) this.paintAlong(this.pointer);
    else if (this.stroke) this.stroke.to = this.pointer;
    if (this.stroke || this.points.length || this.name === "brush") this.canvas.refresh();
    this.read(this.pointer);
  }

  read(place) {
    const unit = this.desk.land.unitAt(place);
    tellPlace(unit === null ? "" : readingOf(this.desk, unit));
  }

  up() {
    this.held = null;
    const { stroke, desk } = this;
    this.stroke = null;
    if (!stroke) return;
    if (stroke.units) {
      desk.preview = null;
      if (stroke.units.size) desk.assign([...stroke.units], stroke.key, stroke.why);
      else desk.changed("labels");
    } else this.selectBox(stroke);
  }

  selectBox({ from, to, add }) {
    const { desk } = this;
    const box = L.bounds(from, to);
    desk.select([...desk.land.units.keys()].filter((unit) => box.contains(desk.land.units[unit].middle)), { add });
    desk.tell(say("selected", { units: desk.selected.size }));
  }

  addPoint(place) {
    const last = this.points.at(-1);
    if (!last || Math.hypot(place[0] - last[0], place[1] - last[1]) > 2 * this.planePixel()) this.points.push(place);
    this.canvas.refresh();
    this.changed();
  }

  // Ends a line. It stays on the map until something was done with it: what was refused can be drawn on.
  finish() {
    if (this.points.length < 2) return this.cancel();
    if (this.waiting) return undefined; // for the answer about this line
    this.waiting = true;
    return this.drawn([...this.points]).finally(() => { this.waiting = false; });
  }

  cancel() {
    const busy = this.stroke !== null || this.points.length > 0 || this.cross !== null;
    this.stroke = null;
    this.points = [];
    this.cross = null;
    this.held = null;
    this.desk.preview = null;
    if (busy) this.desk.changed("labels");
    this.changed();
    return busy;
  }

  takePointBack() {
    this.points.pop();
    this.canvas.refresh();
    this.changed();
  }

  // The keyboard's cross begins where the keyboard stands, or in the middle of the map.
  moveCross(across, down, far) {
    const { desk, map } = this;
    const px = this.planePixel() * CROSS_PX * (far ? 5 : 1);
    const begin = desk.focused === null ? desk.land.onPlane(map.getCenter()) : desk.land.units[desk.focused].middle;
    this.cross = this.cross ? [this.cross[0] + across * px, this.cross[1] + down * px] : begin;
    if (this.stroke) this.stroke.to = this.cross;
    if (!map.getBounds().contains(desk.land.latlng(this.cross))) map.panTo(desk.land.latlng(this.cross), { animate: false });
    this.canvas.refresh();
    const unit = desk.land.unitAt(this.cross);
    tellPlace(unit === null ? say("outside") : readingOf(desk, unit), { aloud: true });
  }

  setPoint() {
    if (!this.cross) return this.moveCross(0, 0, false);
    if (this.name === "line") return this.addPoint(this.cross);
    if (!this.stroke) this.stroke = { from: this.cross, to: this.cross, add: false };
    else this.up();
    return this.canvas.refresh();
  }

  // Draws what the tool is at; false where there is nothing to draw.
  sketch(context, px) {
    const ring = this.name === "brush" && this.pointer && this.size;
    if (this.stroke?.from) drawBox(context, px, this.stroke);
    if (this.points.length) drawLine(context, px, this.points, this.cross ?? this.pointer);
    if (this.cross) drawRing(context, px, this.cross, 8, true);
    if (ring) drawRing(context, px, this.pointer, this.size, false);
    return Boolean(ring || this.stroke?.from || this.points.length || this.cross);
  }

  placeOf(event) {
    return this.desk.land.onPlane(this.map.mouseEventToLatLng(event));
  }

  planePixel() {
    return 1 / this.desk.land.placedOn(this.map).scale;
  }
}

export function readingOf(desk, unit) {
  const { code, households, residents, estate } = desk.land.units[unit];
  const words = say("reading", { code, households: count(households), residents: people(residents), grid: nameOf(desk, desk.labels[unit]) });
  return estate === null ? words : `${words} · ${say("estate", { estate: estateNames[estate] ?? estate })}`;
}
