// Where the map looks: straight at some land, or so that land is in sight with as little movement as it takes.

const CLOSEST = 18;
const PADDING_PX = 40;
const MARGIN_PX = 16; // land so far from the map's edge is in sight
const LARGE = 1 / 3; // of the map's shorter side: land of this extent is seen well

export function lookAt(map, bounds) {
  if (bounds) map.fitBounds(bounds, { maxZoom: CLOSEST, padding: [PADDING_PX, PADDING_PX], animate: false });
}

// What is well in sight leaves the map as it is; what only lies aside comes in at the same zoom.
export function bringIntoSight(map, bounds) {
  if (!bounds) return;
  const size = map.getSize();
  const land = L.bounds([bounds.getNorthWest(), bounds.getSouthEast()].map((corner) => map.latLngToContainerPoint(corner)));
  const { x, y } = land.getSize();
  const tooSmall = Math.max(x, y) < LARGE * Math.min(size.x, size.y);
  const tooLarge = x > size.x - 2 * MARGIN_PX || y > size.y - 2 * MARGIN_PX;
  if (tooSmall || tooLarge) return lookAt(map, bounds);
  const aside = [missing(land.min.x, land.max.x, size.x), missing(land.min.y, land.max.y, size.y)];
  if (aside.some(Boolean)) map.panBy(aside, { animate: false });
}

// By how much the map must move for a stretch to lie within its sides.
function missing(from, to, side) {
  if (from < MARGIN_PX) return Math.floor(from - MARGIN_PX);
  return to > side - MARGIN_PX ? Math.ceil(to - side + MARGIN_PX) : 0;
}
