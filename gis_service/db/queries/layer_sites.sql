-- What the siting run that is shown proposes to open, those that contribute most first.
SELECT
    siting_site.code,
    siting_site.name,
    siting_site.rank,
    siting_site.street,
    region.name AS community_name,
    siting_site.households_gained,
    siting_site.saved_m,
    siting_site.cost,
    siting_site.capacity,
    siting_run.rules -> 'reach' -> 'minutes' AS minutes,
    siting_run.rules -> 'reach' -> 'speed_m_per_s' AS speed_m_per_s,
    siting_run.rules -> 'reach' -> 'kinds' AS kinds,
    siting_run.id AS run,
    CAST(siting_run.summary ->> 'proved_optimal' AS boolean) AS proved_optimal,
    CAST(siting_run.summary ->> 'gap' AS float) AS gap,
    ST_AsBinary(siting_site.geometry) AS geometry
FROM siting_site
JOIN siting_run ON siting_run.id = siting_site.run_id
LEFT JOIN region ON region.id = siting_site.region_id
WHERE siting_site.run_id = :siting_id AND siting_site.rank IS NOT NULL
ORDER BY siting_site.rank
