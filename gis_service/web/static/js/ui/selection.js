// Choosing a feature: by a click on the map, from a list, from the search or from the address.

import { fetchJson } from "../data/fetching.js";
import { buildingUrl } from "../data/page.js";
import { layerNamed } from "../data/registry.js";
import { paneFor } from "../rendering/panes.js";
import { selectedStyle } from "../rendering/styles.js";
import { setShown } from "./layer_control.js";
import { detailsSize, hideDetails, showDetails } from "./details.js";
import { reasonsOf } from "./reasons.js";
import { report, withdraw } from "./status.js";

const CLOSE_ZOOM = 17;
const MARGIN_PX = 40;
const PANEL_GAP_PX = 16; // between the panel and the edge of the map
let outline = null;

// The building at a place, or else what the caller chooses.
export async function selectAt(map, latlng, otherwise) {
  const building = layerNamed("buildings")?.at(latlng);
  if (!building) return otherwise();
  try {
    const properties = await fetchJson(buildingUrl(building.code));
    clearOutline();
    showDetails("buildings", properties, { closed: clearOutline });
    uncover(map, L.latLngBounds([latlng]), latlng);
    return withdraw("buildings");
  } catch (error) {
    return report("buildings", error);
  }
}

// Settles when everything there is to say has been said.
export async function select(map, name, layer, latlng = null) {
  clearOutline();
  if (layer.feature.geometry.type !== "Point") {
    outline = L.geoJSON(layer.feature, { pane: paneFor(map, "selection"), style: selectedStyle, interactive: false }).addTo(map);
  }
  const { properties } = layer.feature;
  const seen = () => latlng && uncover(map, boundsOf(layer), latlng);
  if (name !== "grids") {
    showDetails(name, properties, { closed: clearOutline });
    return seen();
  }
  try {
    const told = showDetails(name, properties, { closed: clearOutline, more: reasonsOf(properties.code) });
    seen();
    await told;
    seen();
    return withdraw(name);
  } catch (error) {
    return report(name, error);
  }
}

export async function selectByCode(map, name, code, box = null) {
  const layer = layerNamed(name);
  if (!layer) return;
  await setShown(name, true);
  const feature = layer.feature(code);
  const bounds = box ?? (feature && boundsOf(feature));
  if (feature) await select(map, name, feature);
  else hideDetails();
  if (bounds) map.fitBounds(bounds, { maxZoom: CLOSE_ZOOM, ...roomBesideDetails(map) });
}

const boundsOf = (layer) => (layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]));

// What was clicked comes out from under the panel; of something larger than the room left, the place of the click does.
function uncover(map, bounds, latlng) {
  const { width, height } = detailsSize();
  if (!width) return;
  const size = map.getSize();
  const isSheet = width > size.x / 2;
  const free = isSheet
    ? L.bounds([MARGIN_PX, MARGIN_PX], [size.x - MARGIN_PX, size.y - height - MARGIN_PX])
    : L.bounds([MARGIN_PX, MARGIN_PX], [size.x - width - MARGIN_PX, size.y - MARGIN_PX]);
  const panel = L.bounds(isSheet ? [0, size.y - height] : [size.x - width - PANEL_GAP_PX, 0], isSheet ? size : [size.x, height + PANEL_GAP_PX]);
  const shape = L.bounds([bounds.getNorthWest(), bounds.getSouthEast()].map((corner) => map.latLngToContainerPoint(corner)));
  const place = map.latLngToContainerPoint(latlng);
  const chosen = fits(shape, free) ? shape : L.bounds([place, place]);
  if (!chosen.intersects(panel)) return;
  const axis = isSheet ? "y" : "x";
  const shift = L.point(0, 0);
  shift[axis] = chosen.max[axis] - free.max[axis];
  map.panBy(shift);
}

function fits(shape, room) {
  const { x, y } = shape.getSize();
  return x <= room.getSize().x && y <= room.getSize().y;
}

// What was chosen belongs into the part of the map that the panel leaves free.
function roomBesideDetails(map) {
  const { width, height } = detailsSize();
  const isSheet = width > map.getSize().x / 2;
  return {
    paddingTopLeft: [MARGIN_PX, MARGIN_PX],
    paddingBottomRight: isSheet ? [MARGIN_PX, height + MARGIN_PX] : [width + MARGIN_PX, MARGIN_PX],
  };
}

function clearOutline() {
  outline?.remove();
  outline = null;
}
