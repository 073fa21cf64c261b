-- The output notebooks that are recorded as removed and whose files are yet to go: another program may hold one open,
-- and Penny may have been killed in between. Once a file is gone, so is its line here: what comes back later is not
-- Penny's to remove.
CREATE TABLE removals (
    prune INTEGER PRIMARY KEY REFERENCES prunes (id)
) STRICT;
