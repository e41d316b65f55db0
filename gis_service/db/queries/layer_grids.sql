-- Grids of the newest plans, with the rules of their plan.
SELECT
    grid.code,
    grid.name,
    grid.kind,
    grid.status,
    grid.households,
    grid.residents,
    region.code AS community_code,
    region.name AS community_name,
    plan.name AS plan_name,
    plan.rules,
    ST_AsBinary(grid.geometry) AS geometry
FROM grid
JOIN plan ON plan.id = grid.plan_id
JOIN region ON region.id = grid.region_id
WHERE grid.plan_id = ANY(:plans)
ORDER BY grid.code COLLATE "C", grid.id
