"""papermill on the notebooks that are named, one after the other in one process."""

import sys

import papermill

for path in sys.argv[1:]:
    papermill.execute_notebook(path, "papermill_loop.ipynb", kernel_name="python3", progress_bar=False)
