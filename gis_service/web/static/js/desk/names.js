// Names on the map: those of grids first, then those of estates wherever they meet no other name.

import { token } from "../rendering/tokens.js";
import { statusName } from "./draft.js";
import { count, texts } from "./page.js";

const LINE_PX = 17; // between the two lines of a grid's name
const AIR_PX = 2; // between names
const ESTATES_FROM = 15.6; // zoom

// ``grids``: [{grid, at}], those that matter most first, and ``estates``: [{name, at}], both with places on the screen.
// Where two lines of a grid would meet another name there is one, or none: the table tells the same.
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
    const title = (height) => [name, height, `600 13px ${family}`, token("ink")];
    const held = [`${count(grid.households)} ${texts.households}${told}`, y + LINE_PX / 2, `12px ${family}`, token(edge)];
    const free = [[title(y - LINE_PX / 2), held], [title(y)]].find((lines) => lines.every((line) => isFree(context, line, x, taken)));
    for (const [words, height, font, colour] of free ?? []) taken.push(write(context, words, x, height, font, colour));
  }
  if (zoom < ESTATES_FROM) return;
  const font = `12px ${family}`;
  for (const { name, at: [x, y] } of estates) {
    const line = [name, y, font, token("estate-label")];
    if (isFree(context, line, x, taken)) taken.push(write(context, name, x, ...line.slice(1)));
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

function isFree(context, [words, y, font], x, taken) {
  context.font = font;
  const box = boxOf(context, words, x, y);
  return !taken.some((other) => overlap(box, other));
}

function boxOf(context, words, x, y) {
  const half = context.measureText(words).width / 2 + AIR_PX;
  return [x - half, y - LINE_PX / 2, x + half, y + LINE_PX / 2];
}

const overlap = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
