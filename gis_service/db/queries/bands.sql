-- Who is within each cut-off of the run, on foot and in a straight line, over all communities.
-- Residents, elderly and children are NULL where those of a community are unknown.
SELECT
    minutes,
    sum(households)::bigint AS households,
    sum(households_covered)::bigint AS households_covered,
    sum(households_straight)::bigint AS households_straight,
    CASE WHEN bool_and(residents IS NOT NULL) THEN sum(residents)::bigint END AS residents,
    CASE WHEN bool_and(residents_covered IS NOT NULL) THEN sum(residents_covered)::bigint END AS residents_covered,
    CASE WHEN bool_and(elderly IS NOT NULL) THEN sum(elderly)::bigint END AS elderly,
    CASE WHEN bool_and(elderly_covered IS NOT NULL) THEN sum(elderly_covered)::bigint END AS elderly_covered,
    CASE WHEN bool_and(children IS NOT NULL) THEN sum(children)::bigint END AS children,
    CASE WHEN bool_and(children_covered IS NOT NULL) THEN sum(children_covered)::bigint END AS children_covered
FROM band_coverage
WHERE run_id = :run_id AND level = 'community'
GROUP BY minutes
ORDER BY minutes
