//! A PostgreSQL server of one's own: its binaries, its data, its life.
