// What the panel says about a feature: a title, a subtitle and rows of [label, value].

import { texts } from "../data/page.js";
import { kindName } from "../rendering/signs.js";

const { field, say, unit } = texts;
const group = (number) => number.toLocaleString("en-US");
const known = (value) => value !== null && value !== undefined && value !== "";
const counted = (value, word) => (known(value) ? `${group(value)} ${word}` : say.unknown);
const metres = (value) => (known(value) ? `${group(Math.round(value))} ${unit.metres}` : say.no_path);
const present = (rows) => rows.filter(([, value]) => known(value));

const tested = (test, [low, high]) =>
  test === "exempt" ? texts.test.exempt : `${texts.test[test]} · ${say.rule} ${group(low)}–${group(high)}`;

// How good the sites of a siting run are together; gaps are rounded up, so that none is told smaller than it is.
const worth = ({ proved_optimal: proved, gap }) => {
  if (proved) return say.optimal;
  return known(gap) ? `${say.gap_to_best} ${(Math.ceil(gap * 1e4) / 100).toFixed(2)}%` : say.gap_unknown;
};

const facilityFacts = (facility) => ({
  title: facility.name,
  subtitle: kindName(facility.kind),
  rows: present([
    [field.address, facility.address],
    [field.hours, facility.hours],
    [field.functions, (facility.functions ?? []).join(say.listed)],
    [field.phone, facility.phone],
    [field.level, facility.level],
    [field.area, known(facility.area_m2) ? `${group(facility.area_m2)} m²` : null],
    [field.owner, facility.owner],
    [field.walk, known(facility.counted) ? (facility.counted ? say.counted : say.not_counted) : null],
  ]),
});

const FACTS = {
  grids: (grid) => ({
    title: grid.name,
    subtitle: `${grid.community_name} · ${texts.kind[grid.kind]}`,
    status: grid.status,
    rows: present([
      [field.code, grid.code],
      [field.households, counted(grid.households, unit.households)],
      [field.households_test, tested(grid.households_test, grid.households_range)],
      [field.residents, counted(grid.residents, unit.people)],
      [field.residents_test, tested(grid.residents_test, grid.residents_range)],
      [field.basis, texts.basis[grid.basis]],
      [field.plan, texts.plan[grid.plan_name] ?? grid.plan_name],
    ]),
  }),
  communities: (region) => ({
    title: region.name,
    subtitle: region.parent_name,
    rows: present([
      [field.code, region.code],
      [field.covered, known(region.covered_percent) ? `${region.covered_percent.toFixed(1)}%` : null],
      [field.households, known(region.households) ? counted(region.households, unit.households) : null],
      [field.residents, known(region.residents) ? counted(region.residents, unit.people) : null],
      [field.grids, known(region.grids) ? group(region.grids) : null],
    ]),
  }),
  facilities: facilityFacts,
  other_facilities: facilityFacts,
  gaps: (gap) => ({
    title: `${say.gap} ${gap.rank}`,
    subtitle: gap.name,
    rows: present([
      [field.households, counted(gap.households, unit.households)],
      [field.residents, counted(gap.residents, unit.people)],
      [field.elderly, known(gap.elderly) ? counted(gap.elderly, unit.people) : null],
      [field.buildings, group(gap.buildings)],
      [field.facility, gap.facility_name],
      [field.walks, walks(gap)],
      [field.missing, known(gap.missing_min) ? `${gap.missing_min.toFixed(1)} ${unit.minutes}` : null],
      [field.no_path, gap.households_no_path ? counted(gap.households_no_path, unit.households) : null],
    ]),
  }),
  catchments: (catchment) => ({
    title: catchment.name,
    subtitle: `${texts.layer.catchments} · ${say.catchment}`,
    rows: present([
      [field.goes_there, known(catchment.households) ? counted(catchment.households, unit.households) : null],
      [field.in_reach, known(catchment.households_in_reach) ? counted(catchment.households_in_reach, unit.households) : null],
      [field.per_hundred, floor(catchment)],
    ]),
  }),
  sites: (site) => ({
    title: `${site.rank} · ${site.name}`,
    subtitle: `${site.kinds.map(kindName).join(say.listed)} · ${say.proposal}`,
    rows: present([
      [field.near_street, site.street],
      [field.community, site.community_name],
      [field.gained, counted(Math.round(site.households_gained), unit.households)],
      [field.saved, known(site.saved_m) ? `${group(Math.round(site.saved_m / 1000))} ${unit.household_km}` : null],
      [field.cost, known(site.cost) ? group(site.cost) : null],
      [field.capacity, known(site.capacity) ? counted(site.capacity, unit.households) : null],
      [field.limit, `${site.minutes} ${unit.minutes} · ${site.speed_m_per_s} ${unit.speed}`],
      [field.worth, `${worth(site)} · ${say.run} ${site.run}`],
    ]),
  }),
  estates: (estate) => ({
    title: estate.name,
    subtitle: texts.layer.estates,
    rows: present([
      [field.code, estate.code],
      [field.households, known(estate.households) ? counted(estate.households, unit.households) : null],
    ]),
  }),
  buildings: (building) => ({
    title: `${texts.layer.buildings} ${building.code}`,
    subtitle: [building.community_name, building.estate_name].filter(known).join(" · "),
    rows: present([
      [field.grid, known(building.grid_code) ? `${building.grid_name} · ${building.grid_code}` : null],
      [field.households, counted(building.households, unit.households)],
      [field.source, texts.source[building.households_source]],
      [field.residents, counted(building.residents, unit.people)],
      [field.elderly, known(building.elderly) ? counted(building.elderly, unit.people) : null],
      [field.children, known(building.children) ? counted(building.children, unit.people) : null],
      [field.floors, building.floors],
      [field.facility, building.facility_name],
      [field.walk, walk(building)],
      [field.walk_back, walkBack(building)],
      [field.straight, known(building.straight_m) ? metres(building.straight_m) : null],
      [field.access, known(building.access_m2) ? `${building.access_m2.toFixed(1)} m²` : null],
    ]),
  }),
  nearest: ({ message, results }) => ({
    title: texts.layer.nearest,
    subtitle: message,
    rows: results.map((result, index) => [`${index + 1} · ${result.name}`, way(result)]),
  }),
};

const inMinutes = (seconds) => `${(seconds / 60).toFixed(1)} ${unit.minutes}`;
const straight = (result) => `${say.straight} ${metres(result.straight_m)}`;

// A length keeps its unit beside it; between them a line may end.
const way = (result) =>
  (known(result.walk_m) ? [`${metres(result.walk_m)} ·`, `${inMinutes(result.walk_s)} ·`, straight(result)] : [straight(result)])
    .flatMap((words) => [Object.assign(document.createElement("span"), { textContent: words }), " "]);

// Only where slopes make the way back another one.
function walkBack({ walk_s: there, walk_back_s: back }) {
  return known(back) && Math.abs(back - there) >= 1 ? inMinutes(back) : null;
}

// The shortest, the mean and the longest walk of a gap's people.
function walks(gap) {
  if (!known(gap.mean_walk_m)) return metres(gap.nearest_walk_m);
  const [least, mean, most] = [gap.nearest_walk_m, gap.mean_walk_m, gap.farthest_walk_m].map((length) => group(Math.round(length)));
  return least === most ? `${mean} ${unit.metres}` : `${least}–${most} ${unit.metres} · ${say.mean_walk} ${mean} ${unit.metres}`;
}

function floor(catchment) {
  if (!known(catchment.area_per_hundred_m2)) return null;
  const area = `${catchment.area_per_hundred_m2.toFixed(1)} m²`;
  return catchment.over_capacity ? `${area} · ${say.too_small}` : area;
}

function walk(building) {
  if (!known(building.walk_status)) return null;
  if (building.walk_status !== "ok") return texts.walk[building.walk_status];
  const inside = building.covered ? say.within : say.outside;
  return `${metres(building.walk_m)} · ${inMinutes(building.walk_s)} · ${inside}`;
}

export const factsOf = (name, properties) => FACTS[name](properties);
