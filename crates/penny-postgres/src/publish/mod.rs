//! Publishing: a stream of Arrow batches becomes one whole version of a table.
