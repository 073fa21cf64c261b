//! The HTTP server of the simulated Pennylane: Company API v2, reading side, over one generated company.
//!
//! A request passes, in this order, the token, the rate limit, the faults (if any were asked for), the route,
//! the scope, and only then the operation. The whole contract is one table (`contract`); operations are looked
//! up in it and know nothing of HTTP. Nothing is written here: a company only changes as a whole
//! ([`Sandbox::replace`]).

mod amount;
mod books;
mod changelog;
mod clock;
mod contract;
mod cursor;
mod exports;
mod faults;
mod filter;
mod limit;
mod operations;
mod page;
mod query;
mod records;
mod refusal;
mod sandbox;
mod server;
mod token;
mod trial_balance;

pub use clock::{Clock, SystemClock};
pub use faults::{BrokenPage, Faults, Outage};
pub use limit::RateLimit;
pub use sandbox::Sandbox;
pub use server::{BASE_PATH, router, serve};
pub use token::Token;
