-- The box to open the map with: the communities; without their outlines other regions, and without those facilities.
WITH shapes AS (
    SELECT CASE level WHEN 'community' THEN 1 ELSE 2 END AS choice, geometry
    FROM region
    WHERE city_id = :city_id AND valid_to IS NULL AND geometry IS NOT NULL
    UNION ALL
    SELECT 3, geometry
    FROM facility
    WHERE city_id = :city_id AND public AND level IS DISTINCT FROM 4
)
SELECT
    ST_XMin(box) AS west,
    ST_YMin(box) AS south,
    ST_XMax(box) AS east,
    ST_YMax(box) AS north
FROM (SELECT ST_Extent(geometry) AS box FROM shapes WHERE choice = (SELECT min(choice) FROM shapes)) AS extent
