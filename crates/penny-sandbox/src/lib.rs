//! A faithful local Pennylane: API v2 and data share over one consistent generated company.

pub mod api;
pub mod company;
pub mod share;
