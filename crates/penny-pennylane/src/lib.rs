//! The client of the Pennylane API v2: pages, filters, changelogs, exports, rate limit, retries.
