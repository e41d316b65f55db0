-- The ground from which each facility is the nearest on foot; who lives there only for staff.
-- Facilities the reader may not see are left out.
SELECT
    facility.code,
    facility.name,
    facility.kind,
    CASE WHEN :staff THEN reach_facility.households END AS households,
    CASE WHEN :staff THEN reach_facility.households_in_reach END AS households_in_reach,
    CASE WHEN :staff THEN reach_facility.area_per_hundred_m2 END AS area_per_hundred_m2,
    CASE WHEN :staff THEN reach_facility.over_capacity END AS over_capacity,
    ST_AsBinary(catchment.geometry) AS geometry
FROM catchment
JOIN facility ON facility.id = catchment.facility_id
LEFT JOIN reach_facility ON reach_facility.facility_id = facility.id AND reach_facility.run_id = catchment.run_id
WHERE catchment.run_id = :run_id
    AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
ORDER BY facility.code COLLATE "C"
