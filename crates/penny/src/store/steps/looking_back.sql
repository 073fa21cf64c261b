-- How the runs of each day ended, and the runs of an outcome, are told from the indexes alone.
DROP INDEX runs_by_start;
CREATE INDEX runs_by_start ON runs (started, outcome);
CREATE INDEX runs_of_outcome ON runs (outcome, id);
