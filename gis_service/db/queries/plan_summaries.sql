-- What the plans of each name are worth together, the newest first; the account of each plan is read once.
SELECT
    plan.name,
    array_agg(plan.id ORDER BY plan.region_id) AS keys,
    array_agg(md5(plan.rules::text) ORDER BY plan.region_id) AS rules,
    max(plan.created_at) AS created_at,
    count(*) = count(account.quality) AS valued,
    coalesce(sum(quality.grids), 0)::bigint AS grids,
    coalesce(sum(quality.in_range), 0)::bigint AS in_range,
    coalesce(sum(quality.inner_m), 0) AS inner_m,
    coalesce(sum(quality.on_lines_m), 0) AS on_lines_m,
    coalesce(sum(quality.compactness), 0) AS compactness,
    coalesce(sum(quality.households), 0)::bigint AS households,
    coalesce(sum(quality.squared_households), 0)::bigint AS squared_households,
    sum(account.households_moved)::bigint AS households_moved,
    array_agg(DISTINCT account.start) FILTER (WHERE account.start <> '') AS starts,
    array_agg(DISTINCT plan.rules -> 'soft_order' ->> 2) FILTER (WHERE plan.rules ? 'soft_order') AS first
FROM plan
JOIN region ON region.id = plan.region_id
CROSS JOIN LATERAL jsonb_to_record(plan.account) AS account (start text, households_moved bigint, quality jsonb)
CROSS JOIN LATERAL jsonb_to_record(coalesce(account.quality, '{}')) AS quality (
    grids bigint,
    in_range bigint,
    inner_m double precision,
    on_lines_m double precision,
    compactness double precision,
    households bigint,
    squared_households bigint
)
WHERE region.city_id = :city_id
GROUP BY plan.name
ORDER BY max(plan.created_at) DESC, plan.name COLLATE "C"
