//! The HTTP server of the simulated API v2.
