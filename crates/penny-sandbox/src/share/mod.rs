//! The data share: the company as the read-only database that Pennylane lends.
