// Buildings that would newly be covered are discs, those that no longer would are rings: no colour is needed.

import { token } from "./tokens.js";

const PANE = "changed";

export function changedBuildings(map) {
  map.createPane(PANE).style.zIndex = 438;
  const group = L.layerGroup().addTo(map);
  const renderer = L.canvas({ pane: PANE });

  const dots = (places, style) =>
    places.forEach(([lon, lat]) => group.addLayer(L.circleMarker([lat, lon], { renderer, pane: PANE, interactive: false, ...style })));

  return {
    clear: () => group.clearLayers(),
    draw({ gained, lost }) {
      group.clearLayers();
      dots(gained, { radius: 4, weight: 1, color: token("paper"), fillColor: token("gained"), fillOpacity: 1 });
      dots(lost, { radius: 4, weight: 2.5, color: token("gap"), fillColor: token("paper"), fillOpacity: 1 });
    },
  };
}
