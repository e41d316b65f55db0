-- The list of communities with what everybody may know of them.
SELECT
    region.code,
    region.name,
    parent.name AS street_name,
    round(100.0 * coverage.households_covered / nullif(coverage.households, 0), 1)::double precision AS covered_percent
FROM region
LEFT JOIN region AS parent ON parent.id = region.parent_id
LEFT JOIN coverage ON coverage.region_id = region.id AND coverage.run_id = :run_id
WHERE region.city_id = :city_id AND region.level = 'community' AND region.valid_to IS NULL
ORDER BY region.code
