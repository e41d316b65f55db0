-- The area within each cut-off of any facility of the run, the widest first, so that narrower bands lie upon it.
SELECT service_circle.minutes, ST_AsBinary(service_circle.geometry) AS geometry
FROM service_circle
WHERE service_circle.run_id = :run_id AND service_circle.facility_id IS NULL
ORDER BY service_circle.minutes DESC
