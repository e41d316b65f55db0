// From the bottom to the top; Leaflet's own panes are tiles 200 and markers 600.

const HEIGHTS = {
  estates: 404,
  barriers: 406,
  grids: 410,
  buildings: 415,
  catchments: 418,
  circles: 420,
  facility_circles: 422,
  gaps: 425,
  communities: 428,
  streets: 430,
  counties: 432,
  selection: 440,
};

export function paneFor(map, name) {
  if (!(name in HEIGHTS)) return undefined;
  if (!map.getPane(name)) {
    map.createPane(name).style.zIndex = HEIGHTS[name];
  }
  return name;
}
