-- A clock that was wrong may have told the last due time of a notebook: from when they count since it was put right. The
-- next run or miss clears it.
ALTER TABLE due_times ADD COLUMN counted_from TEXT;
CREATE INDEX due_times_counted_from ON due_times (notebook) WHERE counted_from IS NOT NULL;
