ALTER TABLE runs ADD COLUMN token TEXT;
ALTER TABLE runs ADD COLUMN kernel_start TEXT;
ALTER TABLE runs ADD COLUMN kernel_start_reason TEXT;
ALTER TABLE runs ADD COLUMN peak_memory_bytes INTEGER;
ALTER TABLE runs ADD COLUMN masked INTEGER;
CREATE INDEX runs_of_token ON runs (token);
