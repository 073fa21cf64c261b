"""What arrives has the types that an analyst expects, also without rows or with missing values."""

import datetime as dt
import io
import unittest
from decimal import Decimal

import context  # noqa: F401
import pyarrow as pa

from penny.receiving import receive, to_frame

DAY = dt.date(2026, 1, 31)
INSTANT = dt.datetime(2026, 1, 31, 8, 30)
DEFAULT_TEXT = str(pa.table({"x": pa.array(["a"])}).to_pandas()["x"].dtype)


class Types(unittest.TestCase):
    def check(self, name, kind, value, full, holed):
        """`full` is the dtype without missing values, `holed` with some, or none at all but missing ones."""
        for values, dtype in [([value], full), ([value, None], holed)]:
            with self.subTest(name=name, kind=kind, values=values):
                series = to_frame(pa.table({name: pa.array(values, kind)}))[name]
                self.assertEqual(str(series.dtype), dtype)
                self.assertEqual(series.isna().tolist(), [one is None for one in values])
        with self.subTest(name=name, kind=kind, values=[]):
            self.assertEqual(str(to_frame(pa.table({name: pa.array([], kind)}))[name].dtype), full)

    def test_columns_have_the_expected_types(self):
        self.check("rang", pa.int64(), 2**53 + 1, "int64", "Int64")
        self.check("id", pa.int64(), 2**53 + 1, "Int64", "Int64")
        self.check("customer_id", pa.int64(), 4, "Int64", "Int64")
        self.check("customer_id", pa.int32(), 4, "Int64", "Int64")
        self.check("amount", pa.float64(), 1.5, "float64", "float64")
        self.check("amount", pa.decimal128(12, 2), Decimal("1.50"), "float64", "float64")
        self.check("date", pa.date32(), DAY, "datetime64[us]", "datetime64[us]")
        self.check("vieux", pa.date32(), dt.date(1, 1, 1), "datetime64[us]", "datetime64[us]")
        self.check("at", pa.timestamp("us"), INSTANT, "datetime64[us]", "datetime64[us]")
        self.check("at", pa.timestamp("us", "UTC"), INSTANT, "datetime64[us, UTC]", "datetime64[us, UTC]")
        self.check("paid", pa.bool_(), True, "bool", "boolean")
        self.check("label", pa.string(), "é", DEFAULT_TEXT, DEFAULT_TEXT)
        self.check("label", pa.large_string(), "é", DEFAULT_TEXT, DEFAULT_TEXT)

    def test_large_ids_beside_missing_ones_stay_exact(self):
        frame = to_frame(pa.table({"customer_id": pa.array([2**62 + 1, None], pa.int64())}))
        self.assertEqual(frame["customer_id"][0], 2**62 + 1)

    def test_a_column_that_is_only_null_is_text(self):
        series = to_frame(pa.table({"note": pa.nulls(2)}))["note"]
        self.assertEqual(str(series.dtype), DEFAULT_TEXT)
        self.assertEqual(series.isna().tolist(), [True, True])

    def test_order_names_and_rows_are_kept(self):
        table = pa.table({"b": [1, 2], "a": ["x", "y"], "c d": [0.5, 1.5]})
        frame = to_frame(table)
        self.assertEqual(list(frame.columns), ["b", "a", "c d"])
        self.assertEqual(frame.values.tolist(), [[1, "x", 0.5], [2, "y", 1.5]])

    def test_a_received_frame_can_be_changed(self):
        frame = to_frame(pa.table({"id": [1], "amount": [1.5], "date": pa.array([DAY])}))
        frame.loc[0, "amount"] = 2.0
        frame["double"] = frame["amount"] * 2
        self.assertEqual(frame["double"][0], 4.0)


class Streams(unittest.TestCase):
    def test_a_stream_of_batches_becomes_one_frame_with_its_warnings(self):
        schema = pa.schema([("id", pa.int64())], metadata={"penny.warnings": '["une remarque"]'})
        buffer = io.BytesIO()
        with pa.ipc.new_stream(buffer, schema) as writer:
            for start in (0, 3):
                writer.write_batch(pa.record_batch([pa.array(range(start, start + 3))], schema=schema))
        buffer.seek(0)
        received = receive(buffer)
        self.assertEqual(received.frame["id"].tolist(), [0, 1, 2, 3, 4, 5])
        self.assertEqual(received.frame.index.tolist(), [0, 1, 2, 3, 4, 5])
        self.assertEqual(received.warnings, ["une remarque"])


if __name__ == "__main__":
    unittest.main()
