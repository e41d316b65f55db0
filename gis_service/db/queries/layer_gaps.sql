-- Clusters of buildings outside every circle.
SELECT
    gap.rank,
    gap.buildings,
    gap.households,
    gap.residents,
    gap.nearest_walk_m,
    ST_AsBinary(gap.geometry) AS geometry
FROM gap
WHERE gap.run_id = :run_id
ORDER BY gap.rank
