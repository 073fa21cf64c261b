"""The twelve tables without notebooks and without Penny: requests, psycopg2 and to_sql in one program.

    python twelve_tables.py URL      (URL is the PostgreSQL that gets the tables, in a schema of their own)

Where Pennylane is stands in the workspace's .env, as for the notebooks.
"""

import os
import sys
import time
import warnings

import pandas as pd
import psycopg2
import requests
import sqlalchemy
from dotenv import load_dotenv

API = ("customers", "suppliers", "customer_invoices", "supplier_invoices", "transactions")
SHARED = (
    "analytical_ledger",
    "general_ledger",
    "trial_balance",
    "bank_accounts",
    "fiscal_years",
    "tax_declarations",
    "vat_declarations",
)
SCHEMA = "without_penny"


def main():
    load_dotenv(".env")
    # pandas remarks that it does not test psycopg2's own connections; they are what most programs use.
    warnings.filterwarnings("ignore", category=UserWarning)
    engine = sqlalchemy.create_engine(sys.argv[1].replace("postgresql://", "postgresql+psycopg2://", 1))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer " + os.environ["PENNYLANE_API_TOKEN"]
        for resource in API:
            write(engine, resource, pd.json_normalize(list(records(session, resource)), sep="_"))
    with connected() as share:
        for table in SHARED:
            frame = pd.read_sql(f"SELECT * FROM pennylane.{table}", share)
            if table.endswith("_ledger"):
                for digits in (1, 2, 3):
                    frame[f"PCG_{digits}"] = frame["plan_item_number"].str[:digits]
            write(engine, table, frame)


def records(session, resource):
    cursor = None
    while True:
        answer = get(session, resource, {"limit": 100, **({"cursor": cursor} if cursor else {})})
        yield from answer["items"]
        cursor = answer["next_cursor"]
        if not answer["has_more"]:
            return


def get(session, resource, parameters):
    """One page; the API allows so many requests in a while, and says how long to wait."""
    while True:
        response = session.get(f"{os.environ['PENNYLANE_API_URL']}/{resource}", params=parameters)
        if response.status_code != 429:
            response.raise_for_status()
            return response.json()
        time.sleep(float(response.headers.get("retry-after", 1)))


def connected():
    return psycopg2.connect(
        host=os.environ["REDSHIFT_HOST"],
        port=os.environ["REDSHIFT_PORT"],
        dbname=os.environ["REDSHIFT_DB"],
        user=os.environ["REDSHIFT_USER"],
        password=os.environ["REDSHIFT_PASSWORD"],
    )


def write(engine, table, frame):
    for name in frame.columns:
        if frame[name].map(lambda cell: isinstance(cell, (dict, list))).any():
            frame[name] = frame[name].astype(str)
    chunk = max(1, 60_000 // max(1, len(frame.columns)))
    frame.to_sql(
        table, engine, schema=SCHEMA, if_exists="replace", index=False, method="multi", chunksize=chunk
    )


if __name__ == "__main__":
    main()
