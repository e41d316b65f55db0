-- Regions of one level; counts, and the share of a handful of households, only for staff.
SELECT
    region.code,
    region.name,
    region.level,
    parent.name AS parent_name,
    CASE WHEN :staff OR coverage.households >= :households_min THEN
        round(100.0 * coverage.households_covered / nullif(coverage.households, 0), 1)::double precision
    END AS covered_percent,
    CASE WHEN :staff THEN coverage.households END AS households,
    CASE WHEN :staff THEN coverage.residents END AS residents,
    CASE WHEN :staff AND region.level = 'community' THEN (
        SELECT count(*) FROM grid WHERE grid.region_id = region.id AND grid.plan_id = ANY(:plans)
    ) END AS grids,
    ST_AsBinary(region.geometry) AS geometry
FROM region
LEFT JOIN region AS parent ON parent.id = region.parent_id
LEFT JOIN coverage ON coverage.region_id = region.id AND coverage.run_id = :run_id
WHERE region.city_id = :city_id
    AND region.level = :level
    AND region.valid_to IS NULL
    AND region.geometry IS NOT NULL
ORDER BY region.code COLLATE "C"
