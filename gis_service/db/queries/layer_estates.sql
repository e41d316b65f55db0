-- Estates with an extent; household totals only for staff.
SELECT
    estate.code,
    estate.name,
    CASE WHEN :staff THEN (
        SELECT coalesce(sum(building.households), 0)::bigint FROM building WHERE building.estate_id = estate.id
    ) END AS households,
    ST_AsBinary(estate.geometry) AS geometry
FROM estate
WHERE estate.city_id = :city_id AND estate.geometry IS NOT NULL
ORDER BY estate.code COLLATE "C"
