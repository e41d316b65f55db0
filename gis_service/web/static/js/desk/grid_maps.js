// Maps of versions on a page: each with the ground below, several of them moving in step.

import { tileLayer } from "../rendering/tile_layer.js";
import { token } from "../rendering/tokens.js";
import { Look } from "./look.js";
import { ground, say } from "./page.js";
import { patternFor } from "./patterns.js";
import { UnitCanvas } from "./unit_canvas.js";

const CLOSEST = 17;
const PADDING = [12, 12];

// ``picked(code)`` is told of every click; null outside. ``moved``: GeoJSON of land that changes grid, hatched.
export function gridMap(element, outlines, { picked = () => {}, moved = null } = {}) {
  const look = new Look(outlines);
  const map = L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0.1, minZoom: 4, maxZoom: 19, boxZoom: false });
  const canvas = new UnitCanvas(look);
  map.fitBounds(look.bounds(), { padding: PADDING, animate: false });
  for (const record of ground) tileLayer(map, record, { estateNames: false }).show();
  L.control.zoom({ zoomInTitle: say("nearer"), zoomOutTitle: say("farther"), position: "topright" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  if (moved?.features.length) {
    const { land } = new Look(moved);
    canvas.sketch = (context, px) => hatch(context, px, look.land, land);
  }
  canvas.addTo(map);
  map.on("click", ({ latlng }) => picked(look.codeAt(latlng)));
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(element);
  return {
    map,
    look,
    choose(code) {
      look.chosen = code === null ? null : look.keyOf(code);
      canvas.refresh();
    },
    zoomTo(codes) {
      const bounds = codes.length ? look.boundsOf(codes) : look.bounds();
      if (bounds) map.fitBounds(bounds, { maxZoom: CLOSEST, padding: PADDING, animate: false });
    },
  };
}

// Land that changes grid, wherever its own plane begins.
function hatch(context, px, onto, land) {
  const [x, y] = onto.onPlane(land.latlng([0, 0]));
  context.save();
  context.translate(x, y);
  context.fillStyle = patternFor(context, "unassigned", px);
  for (const { path } of land.units) {
    context.fill(path);
    context.lineWidth = 1.6 * px;
    context.strokeStyle = token("gap");
    context.stroke(path);
  }
  context.restore();
  return true;
}

// What one map shows, the others show.
export function inStep(maps) {
  let leading = false;
  for (const { map } of maps) {
    map.on("move", () => {
      if (leading) return;
      leading = true;
      for (const other of maps) if (other.map !== map) other.map.setView(map.getCenter(), map.getZoom(), { animate: false });
      leading = false;
    });
  }
}
