-- Places whose name (in the common spelling) or code matches; the best match first, then larger places before smaller ones.
WITH place AS (
    SELECT
        CASE region.level WHEN 'street' THEN 'streets' WHEN 'community' THEN 'communities' ELSE 'counties' END AS layer,
        CASE region.level WHEN 'street' THEN 1 WHEN 'community' THEN 2 ELSE 0 END AS size,
        region.code,
        region.name,
        parent.name AS context,
        region.geometry
    FROM region
    LEFT JOIN region AS parent ON parent.id = region.parent_id
    WHERE region.city_id = :city_id
        AND region.valid_to IS NULL
        AND region.level <> 'city'
        AND (translate(region.name, :rare, :common) ILIKE :pattern ESCAPE '\' OR region.code LIKE :pattern ESCAPE '\')
    UNION ALL
    SELECT 'estates', 3, estate.code, estate.name, NULL, estate.geometry
    FROM estate
    WHERE estate.city_id = :city_id AND translate(estate.name, :rare, :common) ILIKE :pattern ESCAPE '\'
    UNION ALL
    SELECT 'grids', 4, grid.code, grid.name, region.name, grid.geometry
    FROM grid
    JOIN region ON region.id = grid.region_id
    WHERE :staff
        AND grid.plan_id = ANY(:plans)
        AND (translate(grid.name, :rare, :common) ILIKE :pattern ESCAPE '\' OR grid.code LIKE :pattern ESCAPE '\')
    UNION ALL
    SELECT
        CASE WHEN facility.kind = ANY(:kinds) THEN 'facilities' ELSE 'other_facilities' END,
        5,
        facility.code,
        facility.name,
        facility.address,
        facility.geometry
    FROM facility
    WHERE facility.city_id = :city_id
        AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
        AND (
            translate(facility.name, :rare, :common) ILIKE :pattern ESCAPE '\'
            OR translate(facility.address, :rare, :common) ILIKE :pattern ESCAPE '\'
        )
)
SELECT
    layer,
    code,
    name,
    context,
    ST_XMin(geometry) AS west,
    ST_YMin(geometry) AS south,
    ST_XMax(geometry) AS east,
    ST_YMax(geometry) AS north
FROM place
ORDER BY
    translate(name, :rare, :common) ILIKE :prefix ESCAPE '\' OR code LIKE :prefix ESCAPE '\' DESC,
    size,
    length(name),
    name COLLATE "C",
    code COLLATE "C",
    layer
LIMIT :limit
