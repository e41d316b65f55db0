// The land of a draft: its units as shapes on a plane, who is whose neighbour, and what lies at a place.
//
// The plane is Web Mercator in pixels of zoom 20 from the land's own corner: small numbers, which canvas draws exactly.

const ZOOM = 20;
const CELLS = 48; // of the index over the units' boxes, in each direction

export function landOf(collection) {
  const corner = cornerOf(collection.features);
  const onPlane = ([lon, lat]) => {
    const { x, y } = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), ZOOM);
    return [x - corner.x, y - corner.y];
  };
  const units = collection.features.map(({ properties, geometry }) => unitOf(properties, geometry.coordinates.map((ring) => ring.map(onPlane))));
  const neighbours = units.map(() => []);
  for (const [left, right, length] of collection.borders) {
    neighbours[left].push({ unit: right, length });
    neighbours[right].push({ unit: left, length });
  }
  const at = indexOf(units);
  return {
    version: collection.version,
    units,
    neighbours,
    borders: collection.borders,
    bridges: collection.bridges,
    edges: edgesOf(units),
    position: new Map(units.map(({ code }, index) => [code, index])),
    estates: grouped(units),
    onPlane: (latlng) => onPlane([latlng.lng, latlng.lat]),
    latlng: ([x, y]) => L.CRS.EPSG3857.pointToLatLng(L.point(x + corner.x, y + corner.y), ZOOM),
    // The plane's scale and offset in a map's layer points.
    placedOn(map) {
      const scale = 2 ** (map.getZoom() - ZOOM);
      const origin = map.getPixelOrigin();
      return { scale, x: corner.x * scale - origin.x, y: corner.y * scale - origin.y };
    },
    unitAt: at,
    boundsOf(indices) {
      const box = L.bounds([]);
      for (const index of indices) for (const place of units[index].box) box.extend(place);
      if (!box.isValid()) return null;
      return L.latLngBounds(this.latlng([box.min.x, box.max.y]), this.latlng([box.max.x, box.min.y]));
    },
  };
}

function cornerOf(features) {
  let west = Infinity;
  let north = -Infinity;
  for (const { geometry } of features) {
    for (const [lon, lat] of geometry.coordinates[0]) {
      west = Math.min(west, lon);
      north = Math.max(north, lat);
    }
  }
  return L.CRS.EPSG3857.latLngToPoint(L.latLng(north, west), ZOOM);
}

function unitOf(properties, rings) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  const xs = rings[0].map(([x]) => x);
  const ys = rings[0].map(([, y]) => y);
  const box = [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
  return { ...properties, rings, path, box, middle: middleOf(rings, box) };
}

// A place inside: the middle of the widest run of the first height that has one.
function middleOf(rings, [[west, north], [east, south]]) {
  for (const share of [0.5, 0.35, 0.65, 0.2, 0.8]) {
    const [place] = middlesAt(rings, north + share * (south - north));
    if (place) return place;
  }
  return [(west + east) / 2, (north + south) / 2];
}

// Places inside at many heights: the middles of the widest runs.
export function placesIn({ rings, box: [[, north], [, south]] }, heights) {
  return Array.from({ length: heights }, (_, index) => middlesAt(rings, north + ((index + 0.5) / heights) * (south - north))).flat();
}

function middlesAt(rings, y) {
  const [from, to] = widestRun(rings, y);
  return to > from ? [[(from + to) / 2, y]] : [];
}

function widestRun(rings, y) {
  const found = crossings(rings, y);
  let best = [0, 0];
  for (let index = 0; index + 1 < found.length; index += 2) {
    if (found[index + 1] - found[index] > best[1] - best[0]) best = [found[index], found[index + 1]];
  }
  return best;
}

function crossings(rings, y) {
  const found = [];
  for (const ring of rings) {
    for (let index = 0; index + 1 < ring.length; index += 1) {
      const [x0, y0] = ring[index];
      const [x1, y1] = ring[index + 1];
      if (y0 > y !== y1 > y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  return found.sort((one, other) => one - other);
}

const contains = (unit, [x, y]) => crossings(unit.rings, y).filter((at) => at < x).length % 2 === 1;

function indexOf(units) {
  const whole = L.bounds(units.flatMap(({ box }) => box));
  const size = whole.getSize();
  const cell = (value, low, extent) => Math.max(0, Math.min(CELLS - 1, Math.floor(((value - low) / extent) * CELLS)));
  const column = (x) => cell(x, whole.min.x, size.x);
  const row = (y) => cell(y, whole.min.y, size.y);
  const cells = Array.from({ length: CELLS * CELLS }, () => []);
  units.forEach(({ box: [[west, north], [east, south]] }, index) => {
    for (let down = row(north); down <= row(south); down += 1) {
      for (let across = column(west); across <= column(east); across += 1) cells[down * CELLS + across].push(index);
    }
  });
  return (place) => {
    if (!whole.contains(place)) return null;
    return cells[row(place[1]) * CELLS + column(place[0])].find((index) => contains(units[index], place)) ?? null;
  };
}

// Every stretch of a border once, with the units on both sides; -1 outside. Units that touch share their vertices. Where
// a unit runs there and back along a stretch (a tip thinner than the file's digits), it lies on neither side of it.
function edgesOf(units) {
  const found = new Map();
  units.forEach(({ rings }, index) => {
    for (const ring of rings) {
      for (let from = 0; from + 1 < ring.length; from += 1) {
        const [one, other] = [ring[from], ring[from + 1]];
        const forward = one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
        const key = forward ? `${one} ${other}` : `${other} ${one}`;
        const known = found.get(key);
        if (!known) found.set(key, { left: index, right: -1, one, other });
        else if (known.right === index) known.right = -1;
        else if (known.left === index) Object.assign(known, { left: known.right, right: -1 });
        else if (known.left < 0) known.left = index;
        else known.right = index;
      }
    }
  });
  return [...found.values()].filter(({ left }) => left >= 0);
}

function grouped(units) {
  const estates = new Map();
  units.forEach(({ estate }, index) => {
    if (estate === null) return;
    if (!estates.has(estate)) estates.set(estate, []);
    estates.get(estate).push(index);
  });
  return estates;
}
