-- The communities of a city for the desk: where they lie, their grids by status in the plans shown, and the drafts there are.
SELECT
    region.code,
    region.name,
    street.code AS street_code,
    street.name AS street_name,
    array_remove(ARRAY[region.code, street.code, county.code, town.code], NULL) AS regions,
    (
        SELECT coalesce(jsonb_object_agg(counted.status, counted.number), '{}')
        FROM (
            SELECT grid.status, count(*) AS number
            FROM grid
            WHERE grid.region_id = region.id AND grid.plan_id = ANY(:plans)
            GROUP BY grid.status
        ) AS counted
    ) AS grids,
    (SELECT count(*) FROM draft WHERE draft.region_id = region.id AND draft.state = 'draft') AS drafts,
    (SELECT count(*) FROM draft WHERE draft.region_id = region.id AND draft.state = 'submitted') AS submitted
FROM region
LEFT JOIN region AS street ON street.id = region.parent_id
LEFT JOIN region AS county ON county.id = street.parent_id
LEFT JOIN region AS town ON town.id = county.parent_id
WHERE region.city_id = :city_id AND region.level = 'community' AND region.valid_to IS NULL AND region.geometry IS NOT NULL
ORDER BY street.code COLLATE "C", region.code COLLATE "C"
