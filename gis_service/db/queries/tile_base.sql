-- One tile of our own base map: barriers, estates and the streets of the walking network, fewer the smaller the scale.
-- Everything is collected in an order of its own, for one ETag means one tile; features equal in it are alike.
WITH bounds AS (
    SELECT
        ST_TileEnvelope(:z, :x, :y) AS tile,
        ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS area
),
barriers AS (
    SELECT
        barrier.kind,
        barrier.name,
        ST_AsMVTGeom(ST_Transform(barrier.geometry, 3857), bounds.tile, 4096, 80) AS geom
    FROM barrier, bounds
    WHERE barrier.city_id = :city_id
        AND barrier.geometry && bounds.area
        AND (:z >= 12 OR barrier.kind IN ('river', 'railway', 'expressway'))
        AND (:z >= 14 OR barrier.kind <> 'wall')
),
estates AS (
    SELECT
        estate.name,
        ST_AsMVTGeom(ST_Transform(estate.geometry, 3857), bounds.tile, 4096, 80) AS geom
    FROM estate, bounds
    WHERE :z >= 13 AND estate.city_id = :city_id AND estate.geometry && bounds.area
),
classed AS (
    SELECT
        CASE
            WHEN kind ~ '^(motorway|trunk|primary|secondary|tertiary|expressway|road)' THEN 'major'
            WHEN kind ~ '^(footway|path|steps|cycleway|track|bridleway|corridor)' THEN 'path'
            ELSE 'minor'
        END AS class,
        network_edge.name,
        network_edge.edge,
        network_edge.geometry
    FROM network_edge, bounds
    WHERE :z >= 11 AND network_edge.city_id = :city_id AND network_edge.geometry && bounds.area
),
streets AS (
    SELECT
        classed.class,
        classed.name,
        ST_AsMVTGeom(
            ST_Transform(ST_LineMerge(ST_Collect(classed.geometry ORDER BY classed.edge)), 3857),
            (SELECT tile FROM bounds),
            4096,
            80
        ) AS geom
    FROM classed
    WHERE classed.class = 'major' OR (classed.class = 'minor' AND :z >= 13) OR :z >= 14
    GROUP BY classed.class, classed.name
)
SELECT
    coalesce(
        (SELECT ST_AsMVT(estates, 'estates', 4096, 'geom' ORDER BY name COLLATE "C", geom) FROM estates WHERE geom IS NOT NULL),
        ''
    )
    || coalesce(
        (SELECT ST_AsMVT(barriers, 'barriers', 4096, 'geom' ORDER BY kind COLLATE "C", name COLLATE "C", geom) FROM barriers WHERE geom IS NOT NULL),
        ''
    )
    || coalesce(
        (SELECT ST_AsMVT(streets, 'streets', 4096, 'geom' ORDER BY class COLLATE "C", name COLLATE "C") FROM streets WHERE geom IS NOT NULL),
        ''
    )
    AS tile
