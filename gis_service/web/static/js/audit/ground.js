// What the officials' maps have in common: borders of communities, gaps, and the service points there are today.

import { fetchJson } from "../data/fetching.js";
import { tileLayer } from "../rendering/tile_layer.js";
import { token } from "../rendering/tokens.js";

export const baseLayer = (map, record) => { if (record.encoding === "mvt") tileLayer(map, record).show(); };

export function dressMap(map, texts) {
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  L.control.zoom({ position: "bottomright", zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  map.whenReady(() => map.invalidateSize());
}

export async function drawCommunities(map, url) {
  const style = { interactive: false, fill: false, color: token("community"), weight: 1, opacity: 0.7 };
  const collection = await fetchJson(url);
  const drawn = L.geoJSON(collection, { style }).addTo(map);
  if (collection.features.length) map.fitBounds(drawn.getBounds(), { padding: [12, 12] });
}

export async function drawGaps(map, url, options = {}) {
  const style = { color: token("gap"), weight: 1.2, dashArray: "5 3", fillColor: "url(#fill-gap)", fillOpacity: 1 };
  return L.geoJSON(await fetchJson(url), { style, interactive: false, ...options });
}

// The facilities that count; `each` is called with what is told of one and its sign.
export async function drawFacilities(map, { url, kinds }, style, each) {
  const { features } = await fetchJson(url);
  for (const { properties, geometry } of features) {
    if (properties.counted === false || !kinds.includes(properties.kind)) continue;
    const [lon, lat] = geometry.coordinates;
    const sign = L.circleMarker([lat, lon], { radius: 6, bubblingMouseEvents: false, ...style(properties.code) }).addTo(map);
    each(properties, sign);
  }
}

export const facilityStyle = (closed) => (closed
  ? { color: token("ink-soft"), weight: 2, dashArray: "2 3", fillColor: token("paper"), fillOpacity: 0.6 }
  : { color: token("paper"), weight: 1.5, dashArray: null, fillColor: token("accent"), fillOpacity: 1 });
