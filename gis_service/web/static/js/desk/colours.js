// Fills by which grids that touch are told apart: each keeps its own as long as no neighbour has it.

export const HUES = 6;

// ``known`` holds the hues so far, by key; grids without land keep theirs.
export function huesOf(known, keys, labels, borders) {
  const beside = new Map(keys.map((key) => [key, new Set()]));
  for (const [left, right] of borders) {
    const [one, other] = [labels[left], labels[right]];
    if (one === other || !beside.has(one) || !beside.has(other)) continue;
    beside.get(one).add(other);
    beside.get(other).add(one);
  }
  const hues = new Map();
  const settled = keys.filter((key) => known.has(key));
  for (const key of [...settled, ...keys.filter((key) => !known.has(key))]) {
    const taken = new Set([...beside.get(key)].map((other) => hues.get(other)));
    const own = known.get(key);
    hues.set(key, own !== undefined && !taken.has(own) ? own : freest(taken, hues));
  }
  return hues;
}

// The free hue that the fewest have, so that the map stays varied.
function freest(taken, hues) {
  const used = Array(HUES).fill(0);
  for (const hue of hues.values()) used[hue] += 1;
  const order = [...used.keys()].sort((one, other) => taken.has(one) - taken.has(other) || used[one] - used[other] || one - other);
  return order[0];
}
