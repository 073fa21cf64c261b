//! Jupyter kernels: found, launched, spoken to, watched and ended.
