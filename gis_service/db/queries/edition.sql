-- What a city's map shows: of each community the newest plan, or that of a name, and the newest reach run with the
-- standard parameters; without such a run the newest of all. Of siting runs the newest.
SELECT
    ARRAY(
        SELECT DISTINCT ON (plan.region_id) plan.id
        FROM plan
        JOIN region ON region.id = plan.region_id
        WHERE region.city_id = :city_id AND (CAST(:plan AS text) IS NULL OR plan.name = :plan)
        ORDER BY plan.region_id, plan.created_at DESC, plan.id DESC
    ) AS plans,
    (
        SELECT reach_run.id
        FROM reach_run
        WHERE reach_run.city_id = :city_id
        ORDER BY
            (
                reach_run.minutes = :minutes
                AND reach_run.speed_m_per_s = :speed_m_per_s
                AND reach_run.kinds @> CAST(:kinds AS text[])
                AND reach_run.kinds <@ CAST(:kinds AS text[])
                AND NOT reach_run.rules ?| CAST(:costs AS text[])
            ) DESC,
            reach_run.created_at DESC,
            reach_run.id DESC
        LIMIT 1
    ) AS run_id,
    (
        SELECT siting_run.id
        FROM siting_run
        WHERE siting_run.city_id = :city_id
        ORDER BY siting_run.created_at DESC, siting_run.id DESC
        LIMIT 1
    ) AS siting_id
