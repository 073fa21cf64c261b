-- What is wrong now, each thing once, until its end was told.
CREATE TABLE alert_events (
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    event   TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- Messages, from when they were written until they were sent or given up.
CREATE TABLE alert_messages (
    id       INTEGER PRIMARY KEY,
    alert    TEXT NOT NULL,
    message  TEXT NOT NULL,
    at       TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next     TEXT,
    outcome  TEXT,
    answer   TEXT
) STRICT;
CREATE INDEX alert_messages_waiting ON alert_messages (id) WHERE outcome IS NULL;

-- How far the runs have been looked at: the newest one, and the older ones that had not ended then.
CREATE TABLE alert_cursor (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    newest     INTEGER NOT NULL,
    unfinished TEXT NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS publishes_of_table ON publishes ("table", id);
