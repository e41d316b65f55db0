-- A page of the list of grids, narrowed by community and status where given; beyond the last page comes the last page.
WITH matching AS (
    SELECT
        grid.id,
        grid.code,
        grid.name,
        grid.kind,
        grid.status,
        grid.households,
        grid.residents,
        region.name AS community_name
    FROM grid
    JOIN region ON region.id = grid.region_id
    WHERE grid.plan_id = ANY(:plans)
        AND (CAST(:community AS text) IS NULL OR region.code = :community)
        AND (CAST(:status AS text) IS NULL OR grid.status = :status)
),
counted AS (SELECT count(*) AS total FROM matching)
SELECT code, name, kind, status, households, residents, community_name, total
FROM matching, counted
ORDER BY code COLLATE "C", id
LIMIT :limit
OFFSET (SELECT least(:offset, greatest(total - 1, 0) / :limit * :limit) FROM counted)
