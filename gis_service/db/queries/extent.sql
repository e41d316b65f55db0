-- The box to open the map with: the communities with buildings, else all communities, other regions, facilities.
WITH shapes AS (
    SELECT
        CASE
            WHEN level <> 'community' THEN 3
            WHEN EXISTS (SELECT FROM building WHERE building.region_id = region.id) THEN 1
            ELSE 2
        END AS choice,
        geometry
    FROM region
    WHERE city_id = :city_id AND valid_to IS NULL AND geometry IS NOT NULL
    UNION ALL
    SELECT 4, geometry
    FROM facility
    WHERE city_id = :city_id AND public AND level IS DISTINCT FROM 4
)
SELECT
    ST_XMin(box) AS west,
    ST_YMin(box) AS south,
    ST_XMax(box) AS east,
    ST_YMax(box) AS north
FROM (SELECT ST_Extent(geometry) AS box FROM shapes WHERE choice = (SELECT min(choice) FROM shapes)) AS extent
