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
let outline = null;

// The building at a place, or else what the caller chooses.
export async function selectAt(map, latlng, otherwise) {
  const building = layerNamed("buildings")?.at(latlng);
  if (!building) return otherwise();
  try {
    const properties = await fetchJson(buildingUrl(building.code));
    clearOutline();
    showDetails("buildings", properties, { closed: clearOutline });
    return withdraw("buildings");
  } catch (error) {
    return report("buildings", error);
  }
}

// Settles when everything there is to say has been said.
export async function select(map, name, layer) {
  clearOutline();
  if (layer.feature.geometry.type !== "Point") {
    outline = L.geoJSON(layer.feature, { pane: paneFor(map, "selection"), style: selectedStyle, interactive: false }).addTo(map);
  }
  const { properties } = layer.feature;
  if (name !== "grids") return showDetails(name, properties, { closed: clearOutline });
  try {
    await showDetails(name, properties, { closed: clearOutline, more: reasonsOf(properties.code) });
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
  const bounds = box ?? (feature?.getBounds ? feature.getBounds() : feature && L.latLngBounds([feature.getLatLng()]));
  if (feature) await select(map, name, feature);
  else hideDetails();
  if (bounds) map.fitBounds(bounds, { maxZoom: CLOSE_ZOOM, ...roomBesideDetails(map) });
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
