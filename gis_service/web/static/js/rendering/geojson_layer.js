// A GeoJSON layer that is fetched when it is first shown, and again in more detail for closer views.

import { fetchJson } from "../data/fetching.js";
import { report, withdraw } from "../ui/status.js";
import { paneFor } from "./panes.js";
import { isSigned, signOf } from "./signs.js";
import { isSelectable, styleOf } from "./styles.js";

export function geojsonLayer(map, record, onSelect) {
  const { name } = record;
  const group = L.layerGroup();
  const drawn = new Map(); // code → leaflet layer
  const details = [[-Infinity, record.url], ...record.closer]; // from the least to the most, each from a zoom on
  let current = -1; // which of them is drawn
  let wanted = -1; // which of them was asked for last
  let loading = Promise.resolve(); // settles when that request has been drawn

  function refresh() {
    const due = details.filter(([from]) => map.getZoom() >= from).length - 1;
    const detail = Math.max(due, current); // more detail serves smaller scales too
    if (detail !== wanted) {
      wanted = detail;
      loading = load(detail);
    }
    return loading;
  }

  async function load(detail) {
    try {
      const collection = await fetchJson(details[detail][1]);
      if (detail === wanted) draw(collection, detail);
      withdraw(name);
    } catch (error) {
      if (detail === wanted) wanted = current;
      report(name, error);
    }
  }

  function draw(collection, detail) {
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
    current = detail;
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
