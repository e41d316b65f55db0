// The desk's page: folium's script calls fetchedLayer for the ground below and planEditor for the draft, then start.

import { tileLayer } from "../rendering/tile_layer.js";
import { Codes } from "./codes.js";
import { commandsOf } from "./commands.js";
import { settleConflict } from "./conflict.js";
import { startDecisions } from "./decisions.js";
import { Desk } from "./desk.js";
import { isAsking } from "./dialogs.js";
import { showExports } from "./exports.js";
import { startFindings } from "./findings.js";
import { startGridTable } from "./grid_table.js";
import { showHelp } from "./help.js";
import { startKeyboard } from "./keyboard.js";
import { keptWork } from "./kept_work.js";
import { useLine } from "./lines.js";
import { mergeAnother } from "./merging.js";
import { Outbox } from "./outbox.js";
import { number, say, token, who } from "./page.js";
import { Server, SignedOut } from "./requests.js";
import { hush, tell, tellSaved } from "./status.js";
import { startToolbar } from "./toolbar.js";
import { Tools } from "./tools.js";
import { UnitCanvas } from "./unit_canvas.js";
import { bringIntoSight, lookAt } from "./views.js";

const ground = [];
const ASKS = { rename: "rename", make_special: "special" }; // what asks for the name that an operation gives

// Shown once the map has its place: before, tiles of the whole world would be asked for.
export function fetchedLayer(map, record) {
  ground.push(tileLayer(map, record, { estateNames: false }));
}

export function planEditor(map, { url }) {
  const server = new Server(url, token);
  const desk = new Desk(server, (words, kind) => (kind === "hush" ? hush() : tell(words, kind)));
  const canvas = new UnitCanvas(desk);
  const outbox = new Outbox(server, keptWork(`gis-desk-${number}-${who}`), {
    who,
    adopted: (state) => desk.adopt(state),
    landOf: (state) => desk.landOf(state),
    refused(words, operation) {
      desk.recount();
      desk.changed("state");
      if (!askAgain(desk, operation, words)) tell(words, "refused");
    },
    unsent: () => tell(say("needs_network"), "refused"),
    stale: (error) => settleConflict(desk, outbox, error),
    status(status, waiting) {
      tellSaved(status, waiting, outbox.revision);
      desk.hold(waiting > 0 && status !== "saving");
    },
  });
  desk.outbox = outbox;
  map.whenReady(() => begin(map, desk, canvas, outbox));
}

async function begin(map, desk, canvas, outbox) {
  for (const layer of ground) layer.show();
  let state;
  try {
    state = await desk.server.readState();
    desk.useLand(await desk.landOf(state));
  } catch (error) {
    tell(say(error instanceof SignedOut ? "signed_out" : "not_loaded"), "refused");
    return;
  }
  const surface = map.getContainer();
  for (const [name, value] of [["role", "application"], ["aria-label", say("map")], ["tabindex", "0"]]) surface.setAttribute(name, value);
  map.doubleClickZoom.disable();
  map.boxZoom.disable();
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  desk.state = state;
  await prepare(map, desk, canvas, outbox);
  await outbox.begin(state);
  document.documentElement.dataset.desk = "ready";
  if (location.hash === "#export") showExports(desk);
  const wanted = /^#merge=(\d+)$/.exec(location.hash);
  if (wanted) mergeAnother(desk, outbox, Number(wanted[1]));
}

function prepare(map, desk, canvas, outbox) {
  const zoomTo = (units) => lookAt(map, desk.land.boundsOf(units));
  let refreshToolbar = () => {};
  const tools = new Tools(map, desk, canvas, { changed: () => refreshToolbar(), drawn: (points) => useLine(desk, tools, points, (path, body) => outbox.act(path, body)) });
  const commands = commandsOf(desk, { tools, outbox, map, zoomTo, help: () => showHelp(commands), take: () => showExports(desk) });
  desk.commands = new Map(commands.map((command) => [command.name, command]));
  new Codes(desk, outbox);
  desk.recount();
  refreshToolbar = startToolbar(desk, tools, commands);
  startGridTable(desk, { show: (units, { closely }) => (closely ? lookAt : bringIntoSight)(map, desk.land.boundsOf(units)) });
  startFindings(desk, { zoomTo, cure: (cure) => cureWith(desk, outbox, cure) });
  startDecisions(desk, outbox);
  startKeyboard(map, desk, tools, commands);
  canvas.addTo(map);
  desk.onChange((what) => {
    canvas.refresh();
    if (what !== "labels") refreshToolbar();
  });
  tools.use("select");
  window.addEventListener("focus", () => outbox.refresh());
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
}

async function cureWith(desk, outbox, cure) {
  if (cure.operation) return desk.do(cure.operation);
  tell(say("working"));
  return (await outbox.act(`tools/${cure.tool}`, { grids: [cure.grid] })) && tell(say("mended"));
}

// A name that was not taken comes back to its dialog with the reason; false where another question is open.
function askAgain(desk, operation, words) {
  const asks = ASKS[operation?.kind];
  if (!asks || isAsking() || !desk.editable || !desk.view.grids.has(operation.grid)) return false;
  desk.choose(operation.grid);
  desk.commands.get(asks).run({ typed: operation.name ?? "", refused: words });
  return true;
}
