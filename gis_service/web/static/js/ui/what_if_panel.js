// What if, on the city's map: signs of facilities are dragged, closed or added, and the panel follows.

import { cityName, texts, whatIfUrl } from "../data/page.js";
import { layerNamed } from "../data/registry.js";
import { dragMarker, letMove } from "../rendering/drag_marker.js";
import { changedBuildings } from "../rendering/changed_buildings.js";
import { token } from "../rendering/tokens.js";
import { imagining, lonLat } from "../what_if.js";
import { hideDetails } from "./details.js";
import { setShown } from "./layer_control.js";
import { element, editList, figures, resultsOf } from "./what_if_words.js";

const { tool } = texts;

export function whatIfTool(map) {
  const panel = document.getElementById("what-if");
  const imagined = imagining(whatIfUrl, cityName, { told, failed });
  const drawn = L.layerGroup();
  const buildings = changedBuildings(map);
  const signs = new Map(); // id → { marker, home, hold, line }
  const own = new Map(); // number → layer of an added facility or path
  let adding = "facility"; // what a click on the map adds: facility, path
  let pathFrom = null;
  let results = null;
  let list = null;
  let status = null;
  let shift = 0; // by how much the map was moved aside [px]

  const ask = (gaps = true) => {
    list.replaceChildren(...editList(imagined, nameOf, { undo }));
    if (imagined.changes()) {
      if (!results.childElementCount) say(tool.computing);
      return imagined.ask({ gaps });
    }
    imagined.forget();
    buildings.clear();
    say("");
    return results.replaceChildren();
  };

  const nameOf = (id) => signs.get(id)?.marker.feature.properties.name ?? id;

  function told(answer) {
    say(answer.off_network.length ? tool.off_street : "");
    buildings.draw(answer);
    // Gaps are told when the hand rests; meanwhile those told last would be out of date.
    results.replaceChildren(...resultsOf(answer));
  }

  function failed(error) {
    console.warn(error);
    say(error.refusal ?? tool.failed);
  }

  function say(words) {
    status.textContent = words;
    status.hidden = !words;
  }

  function add(latlng) {
    const number = imagined.add(lonLat(latlng));
    const follow = (marker, gaps) => {
      imagined.added.set(number, lonLat(marker.getLatLng()));
      ask(gaps);
    };
    const marker = dragMarker(latlng, {
      sign: `+${number}`,
      className: "sign sign-circle sign-proposed sign-imagined",
      label: `${tool.added} ${number}`,
      moved: (each) => follow(each, false),
      settled: (each) => follow(each, true),
    });
    own.set(number, marker.addTo(drawn));
    ask();
  }

  function addPath(latlng) {
    if (!pathFrom) {
      pathFrom = L.circleMarker(latlng, { radius: 5, color: token("accent"), interactive: false }).addTo(drawn);
      return;
    }
    const ends = [pathFrom.getLatLng(), latlng];
    pathFrom.remove();
    pathFrom = null;
    const number = imagined.open(ends.map(lonLat));
    own.set(number, L.polyline(ends, { color: token("accent"), weight: 4, dashArray: "8 5", interactive: false }).addTo(drawn));
    ask();
  }

  function undo(kind, key) {
    imagined[kind].delete(key);
    if (kind === "moved") bringHome(key);
    else if (kind === "closed") markClosed(key);
    else {
      own.get(key).remove();
      own.delete(key);
    }
    ask();
  }

  function take(marker) {
    const { code } = marker.feature.properties;
    hold(code, marker, marker.getLatLng());
    const { home, line } = signs.get(code);
    imagined.moved.set(code, lonLat(marker.getLatLng()));
    line.setLatLngs([home, marker.getLatLng()]).addTo(drawn);
  }

  function hold(code, marker, home) {
    if (signs.has(code)) return;
    const line = L.polyline([], { color: token("ink"), weight: 1.5, dashArray: "3 4", interactive: false });
    signs.set(code, { marker, home, line, loose: null });
  }

  function bringHome(code) {
    const { marker, home, line } = signs.get(code);
    marker.setLatLng(home);
    line.remove();
  }

  const markClosed = (code) => signs.get(code).marker.getElement()?.classList.toggle("sign-closed", imagined.closed.has(code));

  async function loosen() {
    await setShown("facilities", true);
    for (const marker of layerNamed("facilities")?.features() ?? []) {
      const { code, counted } = marker.feature.properties;
      if (!counted) continue;
      hold(code, marker, marker.getLatLng());
      signs.get(code).loose = letMove(marker, {
        moved: () => { take(marker); ask(false); },
        settled: () => { take(marker); ask(true); },
      });
    }
  }

  function reset() {
    for (const code of signs.keys()) if (imagined.moved.has(code)) bringHome(code);
    const closed = [...imagined.closed];
    imagined.forget();
    closed.forEach(markClosed);
    own.clear();
    pathFrom = null;
    drawn.clearLayers();
    buildings.clear();
    say("");
    list.replaceChildren();
    results.replaceChildren();
  }

  function build(close) {
    const head = element("div", { className: "details-head" });
    const shut = element("button", { type: "button", className: "icon-button", textContent: "×", ariaLabel: texts.say.close });
    shut.addEventListener("click", close);
    head.append(element("h2", { id: "what-if-title", tabIndex: -1, textContent: tool.what_if }), shut);
    const choices = element("div", { className: "what-if-choices", role: "group" });
    const choice = (name, words) => {
      const button = element("button", { type: "button", textContent: words, ariaPressed: String(adding === name) });
      button.addEventListener("click", () => {
        adding = name;
        pathFrom?.remove();
        pathFrom = null;
        for (const each of choices.querySelectorAll("[aria-pressed]")) each.ariaPressed = String(each === button);
      });
      return button;
    };
    const again = element("button", { type: "button", textContent: tool.reset });
    again.addEventListener("click", reset);
    choices.append(choice("facility", tool.add_facility), choice("path", tool.add_path), again);
    list = element("ul", { className: "what-if-edits" });
    results = element("div", { className: "what-if-results", ariaLive: "polite" });
    status = element("p", { className: "what-if-status", role: "status", hidden: true });
    panel.replaceChildren(head, element("p", { className: "details-subtitle", textContent: tool.what_if_hint }), choices, list, status, results, figures());
    panel.hidden = false;
    panel.querySelector("h2").focus({ preventScroll: true });
  }

  return {
    start(close) {
      hideDetails();
      drawn.addTo(map);
      build(close);
      shift = makeRoom(map, panel);
      loosen();
    },
    stop() {
      reset();
      for (const { loose } of signs.values()) loose?.();
      signs.clear();
      drawn.remove();
      panel.hidden = true;
      panel.replaceChildren();
      map.panBy([-shift, 0], { animate: false });
    },
    take: (latlng) => (adding === "path" ? addPath(latlng) : add(latlng)),
    takeSign(marker) {
      const code = marker.feature?.properties.code;
      if (!signs.has(code)) return;
      if (!imagined.closed.delete(code)) imagined.closed.add(code);
      markClosed(code);
      ask();
    },
  };
}

// Beside a card the middle of the map stays in sight; a sheet comes from below.
function makeRoom(map, panel) {
  const isSheet = panel.offsetWidth > map.getSize().x / 2;
  const shift = isSheet ? 0 : Math.round(panel.offsetWidth / 2);
  map.panBy([shift, 0], { animate: false });
  return shift;
}
