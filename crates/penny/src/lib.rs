//! The scheduler that finance teams trust to run their Jupyter notebooks.
