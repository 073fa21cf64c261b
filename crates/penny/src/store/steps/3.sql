ALTER TABLE syncs ADD COLUMN due TEXT;
ALTER TABLE runs ADD COLUMN trigger TEXT;
ALTER TABLE runs ADD COLUMN due TEXT;
ALTER TABLE runs ADD COLUMN attempts INTEGER;
ALTER TABLE runs ADD COLUMN environment_hash TEXT;
ALTER TABLE runs ADD COLUMN timings TEXT;
ALTER TABLE runs ADD COLUMN output_hash TEXT;
ALTER TABLE runs ADD COLUMN output_bytes INTEGER;
CREATE INDEX runs_by_start ON runs (started);
CREATE INDEX runs_of_sync ON runs (sync);
CREATE INDEX runs_by_outcome ON runs (notebook, outcome, id);
CREATE INDEX syncs_under_way ON syncs (id) WHERE ended IS NULL;

CREATE TABLE attempts (
    id           INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES runs (id),
    number       INTEGER NOT NULL,
    started      TEXT NOT NULL,
    ended        TEXT,
    outcome      TEXT,
    error        TEXT,
    cause        TEXT,
    output       TEXT,
    output_hash  TEXT,
    output_bytes INTEGER,
    UNIQUE (run, number)
) STRICT;
CREATE INDEX attempts_under_way ON attempts (id) WHERE ended IS NULL;

-- The installed packages of a Python, once for each state in which they were.
CREATE TABLE environments (
    hash     TEXT PRIMARY KEY,
    packages TEXT NOT NULL,
    seen     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last due time of each notebook that a run or a miss accounts for.
CREATE TABLE due_times (
    notebook TEXT PRIMARY KEY,
    due      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What does not run on its schedule; the notebook * stands for all.
CREATE TABLE pauses (
    notebook TEXT PRIMARY KEY,
    "by"     TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What another command asks of the service.
CREATE TABLE requests (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    names      TEXT NOT NULL,
    parameters TEXT NOT NULL,
    asked      TEXT NOT NULL,
    taken      TEXT,
    answered   TEXT,
    sync       INTEGER REFERENCES syncs (id),
    refusal    TEXT
) STRICT;
CREATE INDEX requests_waiting ON requests (id) WHERE taken IS NULL;

-- Output notebooks that were removed to keep to the retention of penny.toml.
CREATE TABLE prunes (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (id),
    attempt INTEGER,
    output  TEXT NOT NULL,
    bytes   INTEGER,
    why     TEXT NOT NULL,
    at      TEXT NOT NULL
) STRICT;
CREATE INDEX prunes_of_run ON prunes (run);

-- When this file was made from the output notebooks, and what was there before it.
CREATE TABLE rebuilds (
    id       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    runs     INTEGER NOT NULL,
    replaced TEXT,
    head     TEXT
) STRICT;

-- The seals: each covers a row of another table, and the seal before it.
CREATE TABLE chain (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    of       INTEGER NOT NULL,
    format   INTEGER NOT NULL,
    about    TEXT NOT NULL,
    at       TEXT NOT NULL,
    content  BLOB NOT NULL,
    fields   BLOB NOT NULL,
    output   TEXT,
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL
) STRICT;
CREATE INDEX chain_of_row ON chain (kind, of);
