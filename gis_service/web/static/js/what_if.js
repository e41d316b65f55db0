// What is imagined of a city's facilities and paths, and what would change: asked whenever something of it changes.

import { following } from "./data/following.js";
import { postJson } from "./data/fetching.js";

export function imagining(url, city, { told, failed }) {
  const added = new Map(); // number → [lon, lat]
  const moved = new Map(); // id → [lon, lat]
  const closed = new Set();
  const paths = new Map(); // number → [[lon, lat], …]
  let last = 0;

  const questions = following(({ body }) => postJson(url, body), told, failed);

  const body = (gaps) => ({
    city,
    gaps,
    add: [...added.values()],
    move: [...moved].filter(([id]) => !closed.has(id)).map(([facility, to]) => ({ facility_id: facility, to })),
    close: [...closed],
    paths: [...paths.values()],
  });

  return {
    added,
    moved,
    closed,
    paths,
    add(place) {
      last += 1;
      added.set(last, place);
      return last;
    },
    open(places) {
      last += 1;
      paths.set(last, places);
      return last;
    },
    changes: () => added.size + moved.size + closed.size + paths.size > 0,
    // While a hand drags, only people are asked about; where it lets go, gaps too.
    ask: ({ gaps = true } = {}) => questions.put({ body: body(gaps) }),
    forget() {
      for (const each of [added, moved, closed, paths]) each.clear();
      last = 0;
      questions.drop();
    },
  };
}

export const lonLat = ({ lng, lat }) => [Number(lng.toFixed(6)), Number(lat.toFixed(6))];
