-- What a city's map shows: of each community the plan in force or else the newest, or that of a name, and the newest reach run with the
-- standard parameters; without such a run the newest of all. Of siting runs likewise, standard being most covered by the standard walks, and
-- those whose search was done before its time limit go before those it ended: they come out the same when they are computed again.
SELECT
    ARRAY(
        SELECT chosen.id
        FROM (
            SELECT plan_shown.id, plan_shown.region_id FROM plan_shown WHERE CAST(:plan AS text) IS NULL
            UNION ALL
            SELECT plan.id, plan.region_id FROM plan WHERE plan.name = :plan
        ) AS chosen
        JOIN region ON region.id = chosen.region_id
        WHERE region.city_id = :city_id
        ORDER BY chosen.region_id
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
        WHERE siting_run.city_id = :city_id AND siting_run.on_map
        ORDER BY
            coalesce(
                siting_run.rules ->> 'aim' = 'cover'
                AND CAST(siting_run.rules -> 'reach' ->> 'minutes' AS float) = :minutes
                AND CAST(siting_run.rules -> 'reach' ->> 'speed_m_per_s' AS float) = :speed_m_per_s
                AND siting_run.rules -> 'reach' -> 'kinds' @> to_jsonb(CAST(:kinds AS text[]))
                AND siting_run.rules -> 'reach' -> 'kinds' <@ to_jsonb(CAST(:kinds AS text[]))
                AND NOT siting_run.rules -> 'reach' ?| CAST(:costs AS text[]),
                FALSE
            ) DESC,
            coalesce(CAST(siting_run.summary ->> 'stopped_by_limit' AS boolean), FALSE),
            siting_run.created_at DESC,
            siting_run.id DESC
        LIMIT 1
    ) AS siting_id
