//! Jupyter notebooks in and out without losing a byte of meaning.
