"""nbclient on the notebooks that are named, one after the other in one process."""

import sys

import nbformat
from nbclient import NotebookClient

for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3").execute()
    nbformat.write(notebook, "nbclient_loop.ipynb")
