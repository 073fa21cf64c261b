"""Puts the module under test on the path, whatever folder the tests are started from."""

import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent
NOTEBOOKS = PYTHON.parent / "notebooks"

if str(PYTHON) not in sys.path:
    sys.path.insert(0, str(PYTHON))
