"""Writes parameters as papermill does. usage: translate.py JSON, a list of [kernel, language, parameters];
prints the list of what papermill makes of each, null where it refuses."""
import json
import sys

from papermill.translators import translate_parameters

results = []
for kernel, language, parameters in json.loads(sys.argv[1]):
    try:
        results.append(translate_parameters(kernel, language, parameters))
    except Exception:
        results.append(None)
print(json.dumps(results))
