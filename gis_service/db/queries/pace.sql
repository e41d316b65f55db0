-- The share of households that the newest run at another pace covers; otherwise the run is equal to that of the map.
SELECT 100.0 * sum(coverage.households_covered) / nullif(sum(coverage.households), 0) AS covered_percent
FROM coverage
JOIN region ON region.id = coverage.region_id
WHERE region.level = 'community' AND coverage.run_id = (
    SELECT other.id
    FROM reach_run AS other
    JOIN reach_run AS drawn ON drawn.city_id = other.city_id
    WHERE drawn.id = :run_id
        AND other.id <> drawn.id
        AND other.speed_m_per_s = :speed_m_per_s
        AND other.minutes = drawn.minutes
        AND other.kinds = drawn.kinds
        AND NOT EXISTS (
            SELECT FROM unnest(CAST(:costs AS text[])) AS cost
            WHERE other.rules -> cost IS DISTINCT FROM drawn.rules -> cost
        )
        AND other.data_date = drawn.data_date
    ORDER BY other.created_at DESC, other.id DESC
    LIMIT 1
)
