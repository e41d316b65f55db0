-- The box around everything that is drawn; NULL where a city has no geometry at all.
SELECT
    ST_XMin(box) AS west,
    ST_YMin(box) AS south,
    ST_XMax(box) AS east,
    ST_YMax(box) AS north
FROM (
    SELECT ST_Extent(geometry) AS box
    FROM (
        SELECT geometry FROM region WHERE city_id = :city_id AND valid_to IS NULL
        UNION ALL
        SELECT geometry FROM facility WHERE city_id = :city_id AND public AND level IS DISTINCT FROM 4
    ) AS shape
) AS extent
