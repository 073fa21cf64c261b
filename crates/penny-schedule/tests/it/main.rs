//! When notebooks are due, in tables of moments, by laws, and through a simulated year.

mod cron;
mod laws;
mod ledger;
mod mistakes;
mod play;
mod schedules;
mod support;
mod timetable;
mod working_days;
mod wrong_clocks;
mod year;
