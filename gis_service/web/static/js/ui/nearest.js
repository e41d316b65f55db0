// The nearest facilities of a place on the map: how far on foot, how long, and the way there.

import { following } from "../data/following.js";
import { postJson } from "../data/fetching.js";
import { cityName, nearestUrl, texts } from "../data/page.js";
import { dragMarker } from "../rendering/drag_marker.js";
import { token } from "../rendering/tokens.js";
import { hideDetails, showDetails } from "./details.js";
import { report, withdraw } from "./status.js";
import { tell } from "./tools.js";

const NEAREST = 3;
const TOOL = "nearest";
const ROUTE_PANE = "routes";

export function nearestTool(map) {
  const drawn = L.layerGroup();
  const ways = L.layerGroup().addTo(drawn);
  map.createPane(ROUTE_PANE).style.zIndex = 445;
  let here = null;

  const questions = following(({ body }) => postJson(nearestUrl, body), told, failed);

  function ask(settled) {
    const { lng, lat } = here.getLatLng().wrap();
    questions.put({ settled, body: { city: cityName, lon: lng, lat, k: NEAREST } });
  }

  function told(answer, { settled }) {
    ways.clearLayers();
    // The nearest lies on top.
    for (const [index, { path }] of [...answer.results.entries()].reverse()) if (path) ways.addLayer(way(path, index));
    showDetails(TOOL, answer, { closed: clear, quietly: !settled });
    tell(null);
    withdraw(TOOL);
  }

  function failed(error) {
    tell(null);
    report(TOOL, error);
  }

  function clear() {
    questions.drop();
    here?.remove();
    here = null;
    ways.clearLayers();
  }

  return {
    hint: texts.tool.nearest_hint,
    start() {
      drawn.addTo(map);
      map.getContainer().focus({ preventScroll: true });
    },
    stop() {
      hideDetails();
      clear();
      drawn.remove();
    },
    take(latlng) {
      here ??= dragMarker(latlng, { sign: "●", className: "sign sign-here", label: texts.tool.here, moved: () => ask(false), settled: () => ask(true) }).addTo(drawn);
      here.setLatLng(latlng);
      tell(texts.tool.computing);
      ask(true);
    },
  };
}

const way = (path, index) =>
  L.polyline(path.map(([lon, lat]) => [lat, lon]), {
    pane: ROUTE_PANE,
    interactive: false,
    color: token(index ? "ink-soft" : "accent"),
    weight: index ? 3 : 5,
    dashArray: index ? "2 7" : null,
    opacity: 0.9,
  });
