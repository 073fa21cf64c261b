"""Infers parameters as papermill does. usage: declare.py JSON, a list of sources of parameters cells;
prints the list of [[name, type, default, help], …]."""
import json
import sys

from papermill.translators import PythonTranslator

sources = json.loads(sys.argv[1])
print(json.dumps([[list(p) for p in PythonTranslator.inspect({"source": source})] for source in sources]))
