-- What a publish changed: which rows came and went, and what the table's columns come to since. A publish that
-- changed nothing has no row here, and totals that stay are not written again.
CREATE TABLE publish_changes (
    publish INTEGER PRIMARY KEY REFERENCES publishes (id) ON DELETE CASCADE,
    rows    TEXT NOT NULL,
    key     TEXT,
    totals  TEXT
) STRICT;

-- Marks of the rows that came and went, apart since they may be large.
CREATE TABLE publish_marks (
    publish INTEGER PRIMARY KEY REFERENCES publishes (id) ON DELETE CASCADE,
    bytes   INTEGER NOT NULL,
    marks   BLOB NOT NULL
) STRICT;
CREATE INDEX marks_by_size ON publish_marks (publish, bytes);
CREATE INDEX publishes_of_table ON publishes ("table", id);
