// Names on the map: those of grids first, then those of estates wherever they meet no other name.

import { token } from "../rendering/tokens.js";
import { statusName } from "./draft.js";
import { count, texts } from "./page.js";

const LINE_PX = 17; // between the two lines of a grid's name
const AIR_PX = 2; // between names
const ESTATES_FROM = 15.6; // zoom

// ``grids``: [{grid, at}] and ``estates``: [{name, at}], both with places on the screen.
export function drawNames(context, { grids, estates, zoom }) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const taken = [];
  const family = token("font-sans");
  for (const { grid, at: [x, y] } of grids) {
    const name = grid.locked ? `${grid.label} · ${texts.mark.locked}` : grid.label;
    const told = grid.status === "normal" ? "" : ` · ${statusName(grid.status)}`;
    const edge = grid.status === "gone" ? "ink" : `${grid.status}-edge`;
    const lines = [
      [name, y - LINE_PX / 2, `600 13px ${family}`, token("ink")],
      [`${count(grid.households)} ${texts.households}${told}`, y + LINE_PX / 2, `12px ${family}`, token(edge)],
    ];
    for (const [words, height, font, colour] of lines) taken.push(write(context, words, x, height, font, colour));
  }
  if (zoom < ESTATES_FROM) return;
  const font = `12px ${family}`;
  context.font = font;
  for (const { name, at: [x, y] } of estates) {
    const box = boxOf(context, name, x, y);
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(write(context, name, x, y, font, token("estate-label")));
  }
}

// Where each estate's name stands: in the largest of its units.
export function estatePlaces(land, names) {
  return [...land.estates].flatMap(([id, units]) => {
    const name = names[id];
    if (!name) return [];
    const largest = units.reduce((one, other) => (spread(land.units[other]) > spread(land.units[one]) ? other : one));
    return [{ name, place: land.units[largest].middle }];
  });
}

const spread = ({ box: [[west, north], [east, south]] }) => (east - west) * (south - north);

function write(context, words, x, y, font, colour) {
  context.font = font;
  context.lineWidth = 4;
  context.strokeStyle = "rgb(255 255 255 / 90%)";
  context.strokeText(words, x, y);
  context.fillStyle = colour;
  context.fillText(words, x, y);
  return boxOf(context, words, x, y);
}

function boxOf(context, words, x, y) {
  const half = context.measureText(words).width / 2 + AIR_PX;
  return [x - half, y - LINE_PX / 2, x + half, y + LINE_PX / 2];
}

const overlap = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
