// A GeoJSON layer that is fetched when it is first shown, and again in full detail for close views.

import { fetchJson } from "../data/fetching.js";
import { report, withdraw } from "../ui/status.js";
import { paneFor } from "./panes.js";
import { isSigned, signOf } from "./signs.js";
import { isSelectable, styleOf } from "./styles.js";

const FULL_DETAIL_ZOOM = 15;

export function geojsonLayer(map, record, onSelect) {
  const { name } = record;
  const group = L.layerGroup();
  const drawn = new Map(); // code → leaflet layer
  let current = null; // address of what is drawn
  let wanted = null; // address of the newest request
  let loading = Promise.resolve(); // settles when that request has been drawn

  const address = () => (record.fullUrl && map.getZoom() >= FULL_DETAIL_ZOOM ? record.fullUrl : record.url);

  function refresh() {
    const url = current !== null && current === record.fullUrl ? current : address(); // full detail serves every scale
    if (url !== wanted) {
      wanted = url;
      loading = load(url);
    }
    return loading;
  }

  async function load(url) {
    try {
      const collection = await fetchJson(url);
      if (url === wanted) draw(collection, url);
      withdraw(name);
    } catch (error) {
      if (url === wanted) wanted = current;
      report(name, error);
    }
  }

  function draw(collection, url) {
    group.clearLayers();
    drawn.clear();
    L.geoJSON(collection, {
      pane: paneFor(map, name),
      style: isSigned(name) ? undefined : styleOf(name),
      pointToLayer: signOf(name),
      interactive: isSigned(name) || isSelectable(name),
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

  return Object.assign(group, {
    show() {
      if (!map.hasLayer(group)) {
        group.addTo(map);
        map.on("zoomend", refresh);
      }
      return refresh();
    },
    hide() {
      map.off("zoomend", refresh);
      group.remove();
    },
    feature: (code) => drawn.get(String(code)),
    features: () => [...drawn.values()],
  });
}
