-- Service points; private homes (level 4) and unlisted ones only for staff.
SELECT
    facility.code,
    facility.name,
    facility.kind,
    facility.level,
    facility.address,
    facility.hours,
    facility.functions,
    facility.phone,
    CASE WHEN :staff THEN facility.area_m2 END AS area_m2,
    CASE WHEN :staff THEN facility.owner END AS owner,
    facility.kind = ANY(CAST(:kinds AS text[])) AS counted,
    ST_AsBinary(facility.geometry) AS geometry
FROM facility
WHERE facility.city_id = :city_id
    AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
ORDER BY facility.code
