//! One generated French company whose books hold together.
