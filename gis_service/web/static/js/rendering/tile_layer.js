// Vector tiles from our own PostGIS, painted on canvas with the page's colours.

import { token } from "./tokens.js";
import { paneFor } from "./panes.js";

const { CenteredTextSymbolizer, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer, CircleSymbolizer, GeomType, linear } =
  window.protomapsL;
const MAX_DATA_ZOOM = 16;
const SHARPNESS = 1.5; // tiles are painted at whole zooms and stretched by up to √2 between them

const of = (property, value) => (zoom, feature) => feature.props[property] === value;
const is = (type) => (zoom, feature) => feature.geomType === type;
const both = (first, second) => (zoom, feature) => first(zoom, feature) && second(zoom, feature);
const not = (test) => (zoom, feature) => !test(zoom, feature);

const paint = (dataLayer, symbolizer, filter, minzoom = 0) => ({ dataLayer, symbolizer, filter, minzoom });
const stroke = (colour, width, more = {}) => new LineSymbolizer({ color: token(colour), width, lineCap: "round", lineJoin: "round", ...more });

function baseRules() {
  const polygon = is(GeomType.Polygon);
  const major = linear([[11, 0.8], [14, 3], [17, 11]]);
  const minor = linear([[13, 0.6], [15, 2.4], [18, 10]]);
  const casing = (width) => (zoom) => width(zoom) + (zoom > 13 ? 1.6 : 0.8);
  return [
    paint("estates", new PolygonSymbolizer({ fill: token("estate"), opacity: 0.55 })),
    paint("barriers", new PolygonSymbolizer({ fill: token("water") }), both(of("kind", "river"), polygon)),
    paint("barriers", stroke("water", linear([[10, 1], [14, 3], [17, 7]])), both(of("kind", "river"), not(polygon))),
    paint("streets", stroke("path", 1, { dash: [2, 2], lineCap: "butt" }), of("class", "path"), 16),
    paint("streets", stroke("road-edge", casing(minor)), of("class", "minor"), 14),
    paint("barriers", stroke("road-edge", casing(major)), both(of("kind", "road"), not(polygon))),
    paint("streets", stroke("road-edge", casing(major)), of("class", "major")),
    paint("barriers", stroke("road-edge", casing((zoom) => major(zoom) * 1.3)), both(of("kind", "expressway"), not(polygon))),
    paint("streets", stroke("road", minor), of("class", "minor"), 13),
    paint("barriers", stroke("road", major), both(of("kind", "road"), not(polygon))),
    paint("streets", stroke("road", major), of("class", "major")),
    paint("barriers", stroke("expressway", (zoom) => major(zoom) * 1.3), both(of("kind", "expressway"), not(polygon))),
    paint("barriers", stroke("railway", linear([[10, 1], [16, 3.4]])), both(of("kind", "railway"), not(polygon))),
    paint("barriers", stroke("ground", linear([[10, 0.5], [16, 1.8]]), { dash: [6, 6], lineCap: "butt" }), both(of("kind", "railway"), not(polygon)), 13),
    paint("barriers", stroke("wall", 0.9, { dash: [3, 2], lineCap: "butt" }), of("kind", "wall"), 15),
  ];
}

function baseLabels() {
  const family = token("font-sans");
  const halo = { fill: token("label"), stroke: token("ground"), width: 3 };
  return [
    { dataLayer: "streets", minzoom: 15, filter: not(of("class", "path")), symbolizer: new LineLabelSymbolizer({ font: `12px ${family}`, ...halo }) },
    { dataLayer: "barriers", minzoom: 13, filter: of("kind", "river"), symbolizer: new LineLabelSymbolizer({ font: `italic 13px ${family}`, ...halo, fill: token("water-label") }) },
    { dataLayer: "estates", minzoom: 16, symbolizer: new CenteredTextSymbolizer({ font: `12px ${family}`, ...halo, fill: token("estate-label") }) },
  ];
}

function buildingRules() {
  const colour = (zoom, feature) => {
    if (feature.props.covered === false) return token("building-outside");
    return token(feature.props.households > 0 ? "building" : "building-empty");
  };
  return [
    paint("buildings", new PolygonSymbolizer({ fill: colour, opacity: 0.85, stroke: token("building-edge"), width: 0.6, perFeature: true }), is(GeomType.Polygon)),
    paint("buildings", new CircleSymbolizer({ fill: colour, radius: linear([[15, 2.5], [18, 6]]), stroke: token("paper"), width: 1 }), is(GeomType.Point)),
  ];
}

const RULES = {
  base: () => ({ paintRules: baseRules(), labelRules: baseLabels() }),
  buildings: () => ({ paintRules: buildingRules(), labelRules: [] }),
};

// ``estateNames``: false where the page writes names of its own, which would lie on those of the estates.
export function tileLayer(map, record, { estateNames = true } = {}) {
  const { paintRules, labelRules } = RULES[record.name]();
  const layer = window.protomapsL.leafletLayer({
    url: record.url,
    maxDataZoom: MAX_DATA_ZOOM,
    minZoom: record.minZoom,
    maxZoom: map.getMaxZoom(),
    attribution: "",
    devicePixelRatio: SHARPNESS * window.devicePixelRatio,
    pane: paneFor(map, record.name) ?? "tilePane",
    paintRules,
    labelRules: estateNames ? labelRules : labelRules.filter(({ dataLayer }) => dataLayer !== "estates"),
  });
  return Object.assign(layer, {
    show: () => layer.addTo(map),
    hide: () => layer.remove(),
    at(latlng) {
      if (!map.hasLayer(layer) || Math.round(map.getZoom()) < record.minZoom) return undefined;
      const [picked] = [...layer.queryTileFeaturesDebug(latlng.lng, latlng.lat, 6).values()].flat();
      return picked?.feature.props;
    },
  });
}
