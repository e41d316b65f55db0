-- The parameters of a reach run, which are printed wherever its results are.
SELECT minutes, speed_m_per_s, kinds, data_date, rules
FROM reach_run
WHERE id = :run_id
