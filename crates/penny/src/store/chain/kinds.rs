//! What is sealed: the rows of which tables, and which of their columns.

/// A kind of record.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The word for it in the chain.
    pub word: &'static str,
    /// The table whose rows it covers.
    pub table: &'static str,
    /// The column that tells its rows apart.
    pub id: &'static str,
    /// What its row is about, as SQL on that row: a notebook, a table.
    pub about: &'static str,
    /// When that was, as SQL on its row.
    pub at: &'static str,
    /// The hash of its output notebook, as SQL on its row.
    pub output: &'static str,
    /// Which rows are sealed, as SQL.
    pub sealed_when: &'static str,
    /// Whether a row may be sealed again when it changes; the last seal counts.
    pub may_change: bool,
    /// The columns that each format added to those of the one before; all of them are written today. Never edit
    /// one that was released, add one.
    pub formats: &'static [&'static [&'static str]],
}

/// A run that has ended, or did not take place.
pub static RUN: Kind = Kind {
    word: "run",
    table: "runs",
    id: "id",
    about: "notebook",
    at: "started",
    output: "output_hash",
    sealed_when: "ended IS NOT NULL",
    may_change: false,
    formats: &[
        &[
            "id",
            "sync",
            "notebook",
            "file",
            "source_hash",
            "version",
            "started",
            "ended",
            "outcome",
            "error",
            "output",
            "cells",
            "cells_run",
            "warnings",
            "token",
            "kernel_start",
            "kernel_start_reason",
            "masked",
            "trigger",
            "due",
            "attempts",
            "environment_hash",
            "timings",
            "output_hash",
            "output_bytes",
        ],
        &["parameters"],
    ],
};

/// The memory that a run's kernel used, which is known only after the run has ended and was sealed.
pub static MEMORY: Kind = Kind {
    word: "memory",
    table: "runs",
    id: "id",
    about: "notebook",
    at: "started",
    output: "NULL",
    sealed_when: "peak_memory_bytes IS NOT NULL",
    may_change: true,
    formats: &[&["id", "peak_memory_bytes"]],
};

/// A try within a run that has ended.
pub static ATTEMPT: Kind = Kind {
    word: "attempt",
    table: "attempts",
    id: "id",
    about: "(SELECT notebook FROM runs WHERE runs.id = attempts.run)",
    at: "started",
    output: "output_hash",
    sealed_when: "ended IS NOT NULL",
    may_change: false,
    formats: &[&[
        "id",
        "run",
        "number",
        "started",
        "ended",
        "outcome",
        "error",
        "cause",
        "output",
        "output_hash",
        "output_bytes",
    ]],
};

/// A publish.
pub static PUBLISH: Kind = Kind {
    word: "publish",
    table: "publishes",
    id: "id",
    about: "\"table\"",
    at: "at",
    output: "NULL",
    sealed_when: "TRUE",
    may_change: false,
    formats: &[&["id", "run", "table", "rows", "at", "report"]],
};

/// What a publish changed, and what the columns of its table come to since.
pub static CHANGES: Kind = Kind {
    word: "changes",
    table: "publish_changes",
    id: "publish",
    about: "(SELECT \"table\" FROM publishes WHERE publishes.id = publish_changes.publish)",
    at: "(SELECT at FROM publishes WHERE publishes.id = publish_changes.publish)",
    output: "NULL",
    sealed_when: "TRUE",
    may_change: false,
    formats: &[&["publish", "rows", "key", "totals"]],
};

/// A sync that has ended.
pub static SYNC: Kind = Kind {
    word: "sync",
    table: "syncs",
    id: "id",
    about: "''",
    at: "started",
    output: "NULL",
    sealed_when: "ended IS NOT NULL",
    may_change: false,
    formats: &[
        &["id", "trigger", "started", "ended", "outcome", "due"],
        &["parameters", "asked_by", "retry_of"],
    ],
};

/// An output notebook that retention removed.
pub static PRUNE: Kind = Kind {
    word: "prune",
    table: "prunes",
    id: "id",
    about: "(SELECT notebook FROM runs WHERE runs.id = prunes.run)",
    at: "at",
    output: "NULL",
    sealed_when: "TRUE",
    may_change: false,
    formats: &[&["id", "run", "attempt", "output", "bytes", "why", "at"]],
};

/// That the history was made anew from the output notebooks.
pub static REBUILD: Kind = Kind {
    word: "rebuild",
    table: "rebuilds",
    id: "id",
    about: "'history'",
    at: "at",
    output: "NULL",
    sealed_when: "TRUE",
    may_change: false,
    formats: &[&["id", "at", "runs", "replaced", "head"]],
};

/// All of them.
pub static ALL: [&Kind; 8] = [&SYNC, &RUN, &MEMORY, &ATTEMPT, &PUBLISH, &CHANGES, &PRUNE, &REBUILD];

impl Kind {
    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<&'static Kind> {
        ALL.into_iter().find(|kind| kind.word == word)
    }

    /// The number of the format that is written today, from 1.
    pub fn format(&self) -> usize {
        self.formats.len()
    }

    /// The columns of a format, counted from 1.
    pub fn columns(&self, format: usize) -> Option<Vec<&'static str>> {
        self.formats.get(..format).filter(|formats| !formats.is_empty()).map(<[_]>::concat)
    }
}
