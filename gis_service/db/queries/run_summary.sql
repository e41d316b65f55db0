-- What a reach run noted of network and facilities.
SELECT summary
FROM reach_run
WHERE id = :run_id
