-- The list of communities; the share of a handful of households only for staff.
SELECT
    region.code,
    region.name,
    parent.name AS street_name,
    CASE WHEN :staff OR coverage.households >= :households_min THEN
        round(100.0 * coverage.households_covered / nullif(coverage.households, 0), 1)::double precision
    END AS covered_percent,
    region.geometry IS NOT NULL AS drawn
FROM region
LEFT JOIN region AS parent ON parent.id = region.parent_id
LEFT JOIN coverage ON coverage.region_id = region.id AND coverage.run_id = :run_id
WHERE region.city_id = :city_id AND region.level = 'community' AND region.valid_to IS NULL
ORDER BY region.code COLLATE "C"
