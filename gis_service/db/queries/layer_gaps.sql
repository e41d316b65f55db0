-- Clusters of buildings outside every circle.
SELECT
    gap.rank,
    gap.name,
    gap.community_code,
    gap.buildings,
    gap.households,
    gap.residents,
    gap.elderly,
    gap.nearest_walk_m,
    gap.mean_walk_m,
    gap.farthest_walk_m,
    gap.missing_min,
    gap.households_no_path,
    facility.code AS facility_code,
    facility.name AS facility_name,
    ST_AsBinary(gap.geometry) AS geometry
FROM gap
LEFT JOIN facility ON facility.id = gap.facility_id
WHERE gap.run_id = :run_id
ORDER BY gap.rank
