-- Which layers hold anything for this reader.
SELECT
    EXISTS (SELECT FROM region WHERE city_id = :city_id AND level = 'county' AND geometry IS NOT NULL AND valid_to IS NULL)
        AS counties,
    EXISTS (SELECT FROM region WHERE city_id = :city_id AND level = 'street' AND geometry IS NOT NULL AND valid_to IS NULL)
        AS streets,
    EXISTS (
        SELECT FROM region WHERE city_id = :city_id AND level = 'community' AND geometry IS NOT NULL AND valid_to IS NULL
    ) AS communities,
    EXISTS (SELECT FROM grid WHERE plan_id = ANY(:plans)) AS grids,
    EXISTS (
        SELECT FROM facility
        WHERE city_id = :city_id AND kind = ANY(:kinds) AND (:staff OR (public AND level IS DISTINCT FROM 4))
    ) AS facilities,
    EXISTS (
        SELECT FROM facility
        WHERE city_id = :city_id AND kind <> ALL(:kinds) AND (:staff OR (public AND level IS DISTINCT FROM 4))
    ) AS other_facilities,
    EXISTS (SELECT FROM service_circle WHERE run_id = :run_id AND facility_id IS NULL) AS circles,
    EXISTS (
        SELECT FROM service_circle
        JOIN facility ON facility.id = service_circle.facility_id
        WHERE run_id = :run_id AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
    ) AS facility_circles,
    EXISTS (
        SELECT FROM catchment
        JOIN facility ON facility.id = catchment.facility_id
        WHERE run_id = :run_id AND (:staff OR (facility.public AND facility.level IS DISTINCT FROM 4))
    ) AS catchments,
    EXISTS (SELECT FROM gap WHERE run_id = :run_id) AS gaps,
    EXISTS (SELECT FROM siting_site WHERE run_id = :siting_id AND rank IS NOT NULL) AS sites,
    EXISTS (SELECT FROM estate WHERE city_id = :city_id AND geometry IS NOT NULL) AS estates,
    EXISTS (SELECT FROM barrier WHERE city_id = :city_id) AS barriers,
    EXISTS (SELECT FROM building WHERE city_id = :city_id) AS buildings,
    EXISTS (SELECT FROM barrier WHERE city_id = :city_id)
        OR EXISTS (SELECT FROM network_edge WHERE city_id = :city_id)
        OR EXISTS (SELECT FROM estate WHERE city_id = :city_id AND geometry IS NOT NULL) AS base
