-- Service points of the kinds that count, or of all others; private homes (level 4) and unlisted ones only for staff.
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
    CASE WHEN CAST(:run_id AS bigint) IS NOT NULL THEN facility.kind = ANY(:kinds) AND facility.public END AS counted,
    ST_AsBinary(facility.geometry) AS geometry
FROM facility
WHERE facility.city_id = :city_id
    AND (facility.kind = ANY(:kinds)) = :counting
    AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
ORDER BY facility.code COLLATE "C"
