// A GeoJSON layer that is fetched when it is first shown, and again in full detail for close views.

import { fetchJson } from "../data/fetching.js";
import { report, withdraw } from "../ui/status.js";
import { paneFor } from "./panes.js";
import { facilityMarker } from "./signs.js";
import { isSelectable, styleOf } from "./styles.js";

const FULL_DETAIL_ZOOM = 16;

export function geojsonLayer(map, record, onSelect) {
  const { name } = record;
  const group = L.layerGroup();
  const drawn = new Map(); // code → leaflet layer
  let current = null; // address of what is drawn
  let wanted = null; // address of the newest request

  const address = () => (record.fullUrl && map.getZoom() >= FULL_DETAIL_ZOOM ? record.fullUrl : record.url);

  async function refresh() {
    if (current === record.fullUrl && current !== null) return; // full detail serves every scale
    const url = address();
    if (url === current || url === wanted) return;
    wanted = url;
    try {
      const collection = await fetchJson(url);
      if (url === wanted) draw(collection, url);
      withdraw(name);
    } catch (error) {
      wanted = null;
      report(name, error);
    }
  }

  function draw(collection, url) {
    group.clearLayers();
    drawn.clear();
    L.geoJSON(collection, {
      pane: paneFor(map, name),
      style: name === "facilities" ? undefined : styleOf(name),
      pointToLayer: facilityMarker,
      interactive: name === "facilities" || isSelectable(name),
      bubblingMouseEvents: false,
      smoothFactor: 0.5,
      onEachFeature(feature, layer) {
        const key = feature.properties.code ?? feature.properties.rank;
        if (key !== undefined) drawn.set(String(key), layer);
        if (layer.options.interactive) layer.on("click", (event) => onSelect(name, layer, event));
      },
    }).addTo(group);
    current = url;
    group.fire("drawn", { name, features: collection.features.length });
  }

  const onZoom = () => refresh();
  return Object.assign(group, {
    show() {
      group.addTo(map);
      map.on("zoomend", onZoom);
      return refresh();
    },
    hide() {
      map.off("zoomend", onZoom);
      group.remove();
    },
    feature: (code) => drawn.get(String(code)),
    features: () => [...drawn.values()],
  });
}
