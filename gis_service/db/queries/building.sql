-- One building with its grid and its walk.
SELECT
    building.code,
    building.households,
    building.residents,
    building.elderly,
    building.children,
    building.floors,
    building.households_source,
    estate.name AS estate_name,
    region.name AS community_name,
    grid.code AS grid_code,
    grid.name AS grid_name,
    facility.name AS facility_name,
    reach_building.walk_m,
    reach_building.walk_s,
    reach_building.walk_back_s,
    reach_building.straight_m,
    reach_building.access_m2,
    reach_building.covered,
    reach_building.status AS walk_status
FROM building
LEFT JOIN estate ON estate.id = building.estate_id
LEFT JOIN region ON region.id = building.region_id
LEFT JOIN (
    unit_building
    JOIN assignment ON assignment.unit_id = unit_building.unit_id AND assignment.plan_id = ANY(:plans)
    JOIN grid ON grid.id = assignment.grid_id
) ON unit_building.building_id = building.id
LEFT JOIN reach_building ON reach_building.building_id = building.id AND reach_building.run_id = :run_id
LEFT JOIN facility ON facility.id = reach_building.facility_id
WHERE building.city_id = :city_id AND building.code = :code
