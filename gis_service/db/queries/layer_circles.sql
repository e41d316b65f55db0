-- The area within each cut-off of any facility of the run, the widest first, so that narrower bands lie upon it.
-- Bands are numbered from the widest, 0, inwards: the map draws them by this number.
SELECT
    service_circle.minutes,
    row_number() OVER (ORDER BY service_circle.minutes DESC) - 1 AS band,
    ST_AsBinary(service_circle.geometry) AS geometry
FROM service_circle
WHERE service_circle.run_id = :run_id AND service_circle.facility_id IS NULL
ORDER BY service_circle.minutes DESC
