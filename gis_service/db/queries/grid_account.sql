-- One grid of the plans drawn: what its plan says of it, and what it is made of.
SELECT
    grid.code,
    region.code AS community_code,
    (
        SELECT told
        FROM jsonb_array_elements(plan.account -> 'explanations') AS told
        WHERE told ->> 'code' = grid.code
        LIMIT 1
    ) AS explanation,
    coalesce(plan.findings -> 'findings', '[]') AS findings,
    coalesce(plan.account ->> 'start', '') AS start,
    coalesce(plan.account -> 'locked' ? grid.code, FALSE) AS locked,
    ARRAY(SELECT unit.code FROM assignment JOIN unit ON unit.id = assignment.unit_id WHERE assignment.grid_id = grid.id)
        AS units,
    ARRAY(
        SELECT building.code
        FROM assignment
        JOIN unit_building ON unit_building.unit_id = assignment.unit_id
        JOIN building ON building.id = unit_building.building_id
        WHERE assignment.grid_id = grid.id
    ) AS buildings,
    ARRAY(
        SELECT DISTINCT estate.code
        FROM assignment
        JOIN unit ON unit.id = assignment.unit_id
        JOIN estate ON estate.id = unit.estate_id
        WHERE assignment.grid_id = grid.id
    ) AS estates
FROM grid
JOIN plan ON plan.id = grid.plan_id
JOIN region ON region.id = grid.region_id
WHERE grid.plan_id = ANY(:plans) AND grid.code = :code
