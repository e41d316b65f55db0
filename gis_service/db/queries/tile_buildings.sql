-- One tile of buildings with their households and whether the run covers them.
WITH bounds AS (
    SELECT
        ST_TileEnvelope(:z, :x, :y) AS tile,
        ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS area
),
buildings AS (
    SELECT
        building.code,
        building.households,
        reach_building.covered,
        ST_AsMVTGeom(ST_Transform(building.geometry, 3857), bounds.tile, 4096, 80) AS geom
    FROM bounds
    JOIN building ON building.geometry && bounds.area
    LEFT JOIN reach_building
        ON reach_building.building_id = building.id AND reach_building.run_id = :run_id
    WHERE :z >= 14 AND building.city_id = :city_id
)
SELECT
    coalesce(
        (
            SELECT ST_AsMVT(buildings, 'buildings', 4096, 'geom' ORDER BY code COLLATE "C")
            FROM buildings
            WHERE geom IS NOT NULL
        ),
        ''
    ) AS tile
