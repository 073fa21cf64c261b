"""Reads notebooks and writes them again with Python's nbformat. usage: rewrite.py FILE…; prints a list
of what it wrote, null for a file that it refuses."""
import json
import sys

import nbformat

results = []
for path in sys.argv[1:]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            notebook = nbformat.reads(file.read(), as_version=4)
        written = json.loads(nbformat.writes(notebook))
        # Neither NaN nor half a character can be told to another program.
        json.dumps(written, allow_nan=False, ensure_ascii=False).encode()
        results.append(written)
    except Exception:
        results.append(None)
print(json.dumps(results))
