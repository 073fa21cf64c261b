"""Publishes one ledger by one method, and prints how long it took, from memory to the committed table.

    python publishing.py METHOD ROWS CASE URL FOLDER

METHOD is one of METHODS below; CASE is `new`, `unchanged` or `changed` (one row in a hundred). FOLDER keeps
the ledger between runs. What is prepared before the clock starts: the DataFrame, imports, for every method
but `penny` also the connection; the table is absent for `new`, and the other cases, which are Penny's alone,
begin with a table that Penny has published.
"""

import io
import json
import sys
import time
from pathlib import Path

import pandas as pd
from ledger import changed, ledger

TABLE = "bench_ledger"
SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
CHUNK_BYTES = 256 * 1024


def main():
    method, rows, case, url, folder = sys.argv[1:]
    frame = kept_ledger(int(rows), Path(folder))
    drop_table(url)
    if case != "new":
        penny(frame, url)
    if case == "changed":
        frame = changed(frame, 0.01)
    seconds = METHODS[method](frame, url)
    print(json.dumps({"seconds": seconds, "rows": count(url)}))


def kept_ledger(rows: int, folder: Path) -> pd.DataFrame:
    """The ledger, computed once and read from then on."""
    path = folder / f"ledger-{rows}.pickle"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        ledger(rows).to_pickle(unfinished)
        unfinished.replace(path)
    return pd.read_pickle(path)


def penny(frame, url):
    import penny

    started = time.perf_counter()
    penny.publish(frame, TABLE, schema="public")
    return time.perf_counter() - started


def to_sql(frame, url, **options):
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
    with engine.connect() as connection:
        started = time.perf_counter()
        frame.to_sql(TABLE, connection, index=False, if_exists="replace", **options)
        connection.commit()
        return time.perf_counter() - started


def to_sql_multi(frame, url):
    # As many rows as PostgreSQL's 65,535 parameters of a statement allow, rounded down.
    return to_sql(frame, url, method="multi", chunksize=1000)


def copy_csv(frame, url):
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        make_table(cursor, frame)
        text = io.StringIO()
        frame.to_csv(text, index=False, header=False)
        text.seek(0)
        cursor.copy_expert(f"COPY {TABLE} FROM STDIN (FORMAT csv)", text)
        connection.commit()
        return time.perf_counter() - started


def adbc(frame, url):
    import adbc_driver_postgresql.dbapi
    import pyarrow

    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        cursor.adbc_ingest(TABLE, table, mode="replace")
        connection.commit()
        return time.perf_counter() - started


def floor(frame, url):
    """Bytes that are ready, into a fresh table: what no publish can be faster than."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        chunks = ready_bytes(cursor, frame)
        connection.commit()
        started = time.perf_counter()
        make_table(cursor, frame)
        with cursor.copy(f"COPY {TABLE} FROM STDIN (FORMAT binary)") as copy:
            for chunk in chunks:
                copy.write(chunk)
        connection.commit()
        return time.perf_counter() - started


def ready_bytes(cursor, frame) -> list:
    """The ledger in COPY's binary form, as the server itself writes it, cut into chunks."""
    path = Path(sys.argv[5]) / f"ledger-{len(frame)}.copy"
    if not path.exists():
        make_table(cursor, frame)
        text = io.StringIO()
        frame.to_csv(text, index=False, header=False)
        with cursor.copy(f"COPY {TABLE} FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue())
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file, cursor.copy(f"COPY {TABLE} TO STDOUT (FORMAT binary)") as copy:
            for chunk in copy:
                file.write(chunk)
        cursor.execute(f"DROP TABLE {TABLE}")
        unfinished.replace(path)
    data = path.read_bytes()
    assert data.startswith(SIGNATURE)
    return [data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]


def make_table(cursor, frame):
    """The table as Penny makes it: the same types, no key."""
    columns = ", ".join(f'"{name}" {sql_type(name, dtype)}' for name, dtype in frame.dtypes.items())
    cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
    cursor.execute(f"CREATE TABLE {TABLE} ({columns})")


def sql_type(name, dtype) -> str:
    kinds = {"i": "bigint", "f": "double precision", "M": "timestamp"}
    return "date" if name == "date" else kinds.get(dtype.kind, "text")


def drop_table(url):
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")


def count(url) -> int:
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0]


METHODS = {
    "penny": penny,
    "to_sql": to_sql,
    "to_sql_multi": to_sql_multi,
    "copy_csv": copy_csv,
    "adbc": adbc,
    "floor": floor,
}

if __name__ == "__main__":
    main()
