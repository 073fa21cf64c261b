//! Where a PostgreSQL is and how to connect to it.
