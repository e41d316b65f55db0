-- The figures of the line above the map.
SELECT
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans)) AS grids,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'normal') AS normal,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'small') AS small,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'large') AS large,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'conflict') AS conflict,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'special') AS special,
    (SELECT count(*) FROM grid WHERE plan_id = ANY(:plans) AND status = 'empty') AS empty,
    (SELECT count(*) FROM region WHERE city_id = :city_id AND level = 'community' AND valid_to IS NULL) AS communities,
    covered.households,
    covered.households_covered,
    (SELECT count(*) FROM gap WHERE run_id = :run_id) AS gaps,
    (SELECT coalesce(sum(households), 0)::bigint FROM gap WHERE run_id = :run_id) AS gap_households
FROM (
    SELECT
        coalesce(sum(coverage.households), 0)::bigint AS households,
        coalesce(sum(coverage.households_covered), 0)::bigint AS households_covered
    FROM coverage
    JOIN region ON region.id = coverage.region_id
    WHERE coverage.run_id = :run_id AND region.level = 'community'
) AS covered
