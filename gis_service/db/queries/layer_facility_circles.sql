-- The area within the run's cut-off of each facility; shorter bands are drawn for all together only.
-- Facilities the reader may not see are left out.
SELECT
    facility.code AS facility_code,
    facility.name AS facility_name,
    service_circle.minutes,
    ST_AsBinary(service_circle.geometry) AS geometry
FROM service_circle
JOIN facility ON facility.id = service_circle.facility_id
WHERE service_circle.run_id = :run_id
    AND service_circle.minutes = (SELECT minutes FROM reach_run WHERE id = :run_id)
    AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
ORDER BY facility.code COLLATE "C", service_circle.minutes
