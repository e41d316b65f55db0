-- A page of the list of grids, narrowed by community and status where given.
SELECT
    grid.code,
    grid.name,
    grid.kind,
    grid.status,
    grid.households,
    grid.residents,
    region.name AS community_name,
    count(*) OVER () AS total
FROM grid
JOIN region ON region.id = grid.region_id
WHERE grid.plan_id = ANY(:plans)
    AND (CAST(:community AS text) IS NULL OR region.code = :community)
    AND (CAST(:status AS text) IS NULL OR grid.status = :status)
ORDER BY grid.code
LIMIT :limit OFFSET :offset
