-- Who asked for a sync, with which values for the parameters of its notebooks, and which run it does again.
ALTER TABLE syncs ADD COLUMN parameters TEXT;
ALTER TABLE syncs ADD COLUMN asked_by TEXT;
ALTER TABLE syncs ADD COLUMN retry_of INTEGER;
-- The values that were put into a notebook.
ALTER TABLE runs ADD COLUMN parameters TEXT;
ALTER TABLE requests ADD COLUMN "by" TEXT NOT NULL DEFAULT '';
-- The run or the sync that a request is about.
ALTER TABLE requests ADD COLUMN about INTEGER;
