-- The kinds of facility that this reader may see.
SELECT DISTINCT facility.kind
FROM facility
WHERE facility.city_id = :city_id AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
