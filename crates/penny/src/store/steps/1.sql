CREATE TABLE syncs (
    id       INTEGER PRIMARY KEY,
    trigger  TEXT NOT NULL,
    started  TEXT NOT NULL,
    ended    TEXT,
    outcome  TEXT
) STRICT;
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    sync        INTEGER NOT NULL REFERENCES syncs (id),
    notebook    TEXT NOT NULL,
    file        TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    version     TEXT NOT NULL,
    started     TEXT NOT NULL,
    ended       TEXT,
    outcome     TEXT,
    error       TEXT,
    output      TEXT,
    cells       INTEGER,
    cells_run   INTEGER,
    warnings    TEXT
) STRICT;
CREATE INDEX runs_of_notebook ON runs (notebook, id);
CREATE INDEX runs_under_way ON runs (id) WHERE ended IS NULL;
CREATE TABLE publishes (
    id      INTEGER PRIMARY KEY,
    run     INTEGER REFERENCES runs (id),
    "table" TEXT NOT NULL,
    rows    INTEGER NOT NULL,
    at      TEXT NOT NULL,
    report  TEXT NOT NULL
) STRICT;
CREATE INDEX publishes_of_run ON publishes (run);
