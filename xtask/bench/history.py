"""Two years of a workspace: a history of many runs, and the large output notebook of the last one.

history.py HISTORY.db RUNS OUTPUT.ipynb MEGABYTES NAME…: the history is one that penny has made, without any run yet.
"""

import base64
import json
import random
import sqlite3
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

BETWEEN_SYNCS = timedelta(hours=2)
CELLS = 12
FAILED = 0.03
CELL_BYTES = 250_000


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def write_history(path: str, runs: int, names: list[str], output: Path) -> None:
    chance = random.Random(20260101)
    history = sqlite3.connect(path)
    syncs = runs // len(names)
    end = datetime.now(timezone.utc)
    timings = json.dumps(
        [{"cell": cell, "id": f"cell{cell}", "seconds": 0.2, "outcome": "completed"} for cell in range(1, CELLS + 1)]
    )
    for sync in range(1, syncs + 1):
        at = end - BETWEEN_SYNCS * (syncs - sync) - timedelta(minutes=20)
        history.execute(
            "INSERT INTO syncs (id, trigger, started, ended, outcome) VALUES (?, 'timer', ?, ?, 'succeeded')",
            (sync, moment(at), moment(at + timedelta(minutes=1))),
        )
        for place, name in enumerate(names):
            number = (sync - 1) * len(names) + place + 1
            is_last = number == syncs * len(names)
            over = moment(at + timedelta(seconds=2 + place + 3 * chance.random()))
            outcome = "failed" if chance.random() < FAILED and sync < syncs else "succeeded"
            error = f"notebook `{name}` failed in cell 4 (Extraction)\n  KeyError: 'dateline'"
            file = f"data/outputs/{output.name if is_last else f'{name}_{number}.ipynb'}"
            run = (number, sync, name, "h" * 64, moment(at), over, outcome, error if outcome == "failed" else None, file)
            history.execute(
                "INSERT INTO runs (id, sync, notebook, file, source_hash, version, started, ended, outcome, error,"
                " output, cells, cells_run, warnings, trigger, attempts, timings, output_hash, output_bytes)"
                " VALUES (?, ?, ?, 'notebooks/import.ipynb', ?, '0.1.0', ?, ?, ?, ?, ?, ?, ?, '[]', 'timer', 1, ?, ?, ?)",
                (*run, CELLS, CELLS, timings, "o" * 64, output.stat().st_size if is_last else 20_000),
            )
            history.execute(
                "INSERT INTO attempts (run, number, started, ended, outcome) VALUES (?, 1, ?, ?, ?)",
                (number, moment(at), over, outcome),
            )
            if outcome == "succeeded":
                rows = 1000 + sync // 10 + place
                report = {"table": name, "rows": rows, "rows_inserted": 12, "rows_deleted": 3, "columns": ["id", "date"]}
                history.execute(
                    'INSERT INTO publishes (run, "table", rows, at, report) VALUES (?, ?, ?, ?, ?)',
                    (number, f"pennylane.{name}", rows, over, json.dumps(report)),
                )
    history.executemany("INSERT OR REPLACE INTO due_times VALUES (?, ?)", [(name, moment(end)) for name in names])
    history.commit()
    history.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def cell(number: int, chance: random.Random) -> dict:
    """A cell whose output is text, a table, or a picture."""
    if number % 3 == 0:
        line = "2026-01-31 411000 Clients Facture 1 234,56 EUR\n"
        output = {"output_type": "stream", "name": "stdout", "text": line * (CELL_BYTES // len(line))}
    elif number % 3 == 1:
        row = "<tr><td>411000</td><td>Clients</td><td>Facture</td><td>1 234,56</td></tr>"
        table = f"<table><tbody>{row * (CELL_BYTES // len(row))}</tbody></table>"
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": table, "text/plain": "table"}}
    else:
        picture = b"\x89PNG\r\n\x1a\n" + chance.randbytes(CELL_BYTES * 3 // 4)
        data = {"image/png": base64.b64encode(picture).decode(), "text/plain": "picture"}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
    source = f"montrer(grand_livre, mois={number})"
    return {
        "cell_type": "code", "id": f"cell{number}", "execution_count": number, "metadata": {}, "source": source,
        "outputs": [output],
    }


def write_output(path: Path, megabytes: int) -> None:
    chance = random.Random(20260101)
    cells = [cell(number, chance) for number in range(1, megabytes * 1_000_000 // CELL_BYTES + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


if __name__ == "__main__":
    _, database, runs, output, megabytes, *names = sys.argv
    write_output(Path(output), int(megabytes))
    write_history(database, int(runs), names, Path(output))
