//! When notebooks are due: intervals, daily times and what follows from the clock.
