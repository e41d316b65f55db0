-- Rivers, railways, expressways, roads and walls.
SELECT barrier.kind, barrier.name, ST_AsBinary(barrier.geometry) AS geometry
FROM barrier
WHERE barrier.city_id = :city_id
ORDER BY barrier.id
