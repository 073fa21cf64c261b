"""Every column that an analyst meets is sent as what it is, or is refused by column and row."""

import datetime as dt
import enum
import io
import json
import pathlib
import unittest
import uuid
import warnings
from decimal import Decimal
from zoneinfo import ZoneInfo

import context  # noqa: F401
import numpy as np
import pandas as pd
import pyarrow as pa

from penny import PennyError
from penny.sending import Outgoing

NAN = float("nan")
DAY = dt.date(2026, 1, 31)
INSTANT = dt.datetime(2026, 1, 31, 8, 30)
UTC = dt.timezone.utc
PARIS = ZoneInfo("Europe/Paris")
IDENTIFIER = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Color(enum.Enum):
    RED = "rouge"


def sent(frame):
    """The table as the program reads it from the pipe, and the remarks that came with it."""
    buffer = io.BytesIO()
    Outgoing(frame).write(buffer)
    buffer.seek(0)
    table = pa.ipc.open_stream(buffer).read_all()
    table.validate(full=True)
    return table, json.loads(table.schema.metadata.get(b"penny.warnings", b"[]"))


def objects(*values):
    """A column of Python objects, exactly these."""
    column = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    return pd.Series(column, dtype=object)


class Conversions(unittest.TestCase):
    def check(self, series, kind, values, *warned, json_field=False):
        """The column arrives with this Arrow type and these values; the remarks have these words, in order."""
        with self.subTest(dtype=str(getattr(series, "dtype", "")), values=str(values)[:60]):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                table, remarks = sent(pd.DataFrame({"colonne": series}))
            field = table.schema.field("colonne")
            self.assertEqual(str(field.type).replace("large_", ""), kind)
            self.assertEqual(table["colonne"].to_pylist(), values)
            self.assertEqual((field.metadata or {}).get(b"penny.type"), b"jsonb" if json_field else None)
            self.assertEqual(len(remarks), len(warned), remarks)
            for remark, words in zip(remarks, warned):
                self.assertIn("`colonne`", remark)
                self.assertIn(words, remark)

    def test_plain_columns_go_straight_through(self):
        for dtype in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
            self.check(pd.Series([1, 2], dtype=dtype), dtype, [1, 2])
        self.check(pd.Series([2**64 - 1], dtype="uint64"), "uint64", [2**64 - 1])
        self.check(pd.Series([1.5, NAN]), "double", [1.5, None])
        self.check(pd.Series([1.5, NAN], dtype="float32"), "float", [1.5, None])
        self.check(pd.Series([1.5, NAN], dtype="float16"), "halffloat", [1.5, None])
        self.check(pd.Series([1.5, NAN], dtype="longdouble"), "double", [1.5, None])
        self.check(pd.Series([np.inf, -np.inf]), "double", [np.inf, -np.inf])
        self.check(pd.Series([True, False]), "bool", [True, False])
        self.check(pd.Series(["é", "b"]), "string", ["é", "b"])
        self.check(pd.Series(["é", None]), "string", ["é", None])
        durations = pd.Series(pd.to_timedelta(["1h", None])).astype("timedelta64[us]")
        self.check(durations, "duration[us]", [dt.timedelta(hours=1), None])

    def test_nullable_columns_keep_what_is_missing(self):
        self.check(pd.Series([2**60 + 1, None], dtype="Int64"), "int64", [2**60 + 1, None])
        self.check(pd.Series([1, None], dtype="UInt8"), "uint8", [1, None])
        self.check(pd.Series([1.5, None], dtype="Float64"), "double", [1.5, None])
        self.check(pd.Series([True, None], dtype="boolean"), "bool", [True, None])
        self.check(pd.Series(["é", None], dtype="string[python]"), "string", ["é", None])
        self.check(pd.Series(["é", None], dtype="string[pyarrow]"), "string", ["é", None])

    def test_arrow_columns_are_sent_as_they_are(self):
        for kind, value in [
            (pa.int16(), 3),
            (pa.float64(), 1.5),
            (pa.bool_(), True),
            (pa.string(), "é"),
            (pa.binary(), b"\x00"),
            (pa.decimal128(12, 2), Decimal("1.50")),
            (pa.date32(), DAY),
            (pa.time64("us"), dt.time(8, 30)),
            (pa.timestamp("us"), INSTANT),
        ]:
            self.check(pd.Series([value, None], dtype=pd.ArrowDtype(kind)), str(kind), [value, None])
        kind = pa.dictionary(pa.int8(), pa.string())
        self.check(
            pd.Series(pd.array(pa.array(["a", None], kind), dtype=pd.ArrowDtype(kind))), "string", ["a", None]
        )
        kind = pa.list_(pa.float64())
        self.check(
            pd.Series(pd.array([[1.0, NAN], None], dtype=pd.ArrowDtype(kind))),
            "string",
            ["[1.0, null]", None],
            json_field=True,
        )
        kind = pa.struct([("a", pa.int64())])
        self.check(
            pd.Series(pd.array([{"a": 1}, None], dtype=pd.ArrowDtype(kind))),
            "string",
            ['{"a": 1}', None],
            json_field=True,
        )

    def test_instants_that_are_all_midnight_are_days(self):
        for unit in ["s", "ms", "us", "ns"]:
            dtype = f"datetime64[{unit}]"
            self.check(pd.Series(["2026-01-31", None], dtype=dtype), "date32[day]", [DAY, None])
            self.check(pd.Series(["1969-12-31"], dtype=dtype), "date32[day]", [dt.date(1969, 12, 31)])
            with self.subTest(unit=unit):
                table, _ = sent(
                    pd.DataFrame({"x": pd.Series(["2026-01-31", "2026-01-31 08:30"], dtype=dtype)})
                )
                self.assertEqual(str(table.schema.field("x").type), f"timestamp[{unit}]")
        self.check(pd.Series([None, None], dtype="datetime64[us]"), "timestamp[us]", [None, None])
        self.check(pd.Series([], dtype="datetime64[us]"), "timestamp[us]", [])

    def test_instants_with_a_zone_are_the_same_instants_in_utc(self):
        series = pd.Series(pd.to_datetime(["2026-07-01 00:00", None])).astype("datetime64[us]")
        expected = [dt.datetime(2026, 6, 30, 22, tzinfo=UTC), None]
        self.check(series.dt.tz_localize("Europe/Paris"), "timestamp[us, tz=UTC]", expected)
        self.check(
            series.dt.tz_localize(dt.timezone(dt.timedelta(hours=2))), "timestamp[us, tz=UTC]", expected
        )

    def test_categories_are_their_values(self):
        self.check(pd.Series(["b", None, "a"], dtype="category"), "string", ["b", None, "a"])
        self.check(pd.Series([3, 1, 3], dtype="category"), "int64", [3, 1, 3])
        self.check(pd.Series([None, None], dtype="category"), "null", [None, None])
        ages = pd.cut(pd.Series([1, 5, NAN]), [0, 2, 8])
        self.check(ages, "string", ["(0, 2]", "(2, 8]", None])

    def test_periods_intervals_and_complex_numbers_are_texts(self):
        self.check(pd.Series(pd.PeriodIndex(["2026-01", None], freq="M")), "string", ["2026-01", None])
        self.check(
            pd.Series(pd.arrays.IntervalArray.from_tuples([(0, 1), None])), "string", ["(0.0, 1.0]", None]
        )
        self.check(pd.Series([1 + 2j]), "string", ["(1+2j)"])

    def test_sparse_columns_are_filled(self):
        self.check(pd.Series([0, 0, 5], dtype=pd.SparseDtype("int64", 0)), "int64", [0, 0, 5])
        self.check(pd.Series([NAN, 1.5], dtype=pd.SparseDtype("float64")), "double", [None, 1.5])

    def test_objects_of_one_kind_have_that_kinds_type(self):
        for missing in [None, NAN, pd.NA, pd.NaT]:
            self.check(objects("é", missing), "string", ["é", None])
            self.check(objects(1, missing), "int64", [1, None])
            self.check(objects(np.int32(1), missing), "int64", [1, None])
            self.check(objects(1.5, missing), "double", [1.5, None])
            self.check(objects(True, missing), "bool", [True, None])
            self.check(objects(np.bool_(True), missing), "bool", [True, None])
            self.check(objects(DAY, missing), "date32[day]", [DAY, None])
            self.check(objects(INSTANT, missing), "timestamp[us]", [INSTANT, None])
            self.check(objects(pd.Timestamp(INSTANT), missing), "timestamp[us]", [INSTANT, None])
            self.check(objects(np.datetime64(INSTANT), missing), "timestamp[us]", [INSTANT, None])
            self.check(objects(dt.time(8, 30), missing), "time64[us]", [dt.time(8, 30), None])
            self.check(objects(dt.timedelta(1), missing), "duration[us]", [dt.timedelta(1), None])
            self.check(objects(pd.Timedelta("1D"), missing), "duration[us]", [dt.timedelta(1), None])
            self.check(objects(np.timedelta64(1, "D"), missing), "duration[us]", [dt.timedelta(1), None])
            self.check(objects(b"\x00a", missing), "binary", [b"\x00a", None])
            self.check(objects(bytearray(b"a"), missing), "binary", [b"a", None])
            self.check(objects(Decimal("1.50"), missing), "decimal128(3, 2)", [Decimal("1.50"), None])
            self.check(objects(IDENTIFIER, missing), "string", [str(IDENTIFIER), None])
            self.check(objects(Color.RED, missing), "string", ["rouge", None])
            self.check(objects(pathlib.PurePosixPath("a/b"), missing), "string", ["a/b", None])
            self.check(objects(pd.Period("2026-01"), missing), "string", ["2026-01", None])
        self.check(objects(None, NAN, pd.NA, pd.NaT), "null", [None] * 4)
        self.check(objects(), "null", [])

    def test_numbers_of_several_kinds_stay_numbers(self):
        self.check(objects(1, 2.5, None), "double", [1.0, 2.5, None])
        self.check(
            objects(Decimal("1.5"), 2, None), "decimal128(2, 1)", [Decimal("1.5"), Decimal("2.0"), None]
        )
        self.check(objects(Decimal("1.5"), 2.25), "double", [1.5, 2.25])
        self.check(objects(2**60 + 1, 0.5), "double", [float(2**60), 0.5], "rounded")
        self.check(objects(10**400, 0.5), "double", [np.inf, 0.5], "rounded")

    def test_integers_above_64_bits_are_exact(self):
        self.check(objects(2**63, 1, None), "decimal128(38, 0)", [2**63, 1, None], "row 1")
        self.check(objects(1, -(2**200)), "decimal256(76, 0)", [1, -(2**200)], "above 64 bits (row 2)")
        self.check(objects(10**80, 1), "string", [str(10**80), "1"], "81 digits (row 1)")
        table, _ = sent(pd.DataFrame({"x": objects(10**5000)}))
        self.assertEqual(len(table["x"][0].as_py()), 5001)

    def test_decimals_are_exact_as_far_as_they_are_numbers(self):
        self.check(
            objects(Decimal("0.1"), Decimal("1E+3")), "decimal128(5, 1)", [Decimal("0.1"), Decimal("1000.0")]
        )
        self.check(objects(Decimal("NaN"), Decimal("1")), "decimal128(1, 0)", [None, Decimal("1")])
        self.check(
            objects(Decimal("Infinity"), Decimal("1")), "decimal128(1, 0)", [None, Decimal("1")], "row 1"
        )
        self.check(objects(Decimal("1" * 80)), "string", ["1" * 80], "more than 76 digits")

    def test_dates_and_instants_together_are_instants(self):
        midnight = dt.datetime(2026, 1, 31)
        self.check(objects(DAY, INSTANT), "timestamp[us]", [midnight, INSTANT])
        self.check(objects(INSTANT, DAY), "timestamp[us]", [INSTANT, midnight])
        self.check(objects(DAY, midnight), "date32[day]", [DAY, DAY])

    def test_mixed_time_zones_are_one_instant_each(self):
        early = dt.datetime(2026, 7, 1, 8, tzinfo=PARIS)
        late = dt.datetime(2026, 7, 1, 8, tzinfo=UTC)
        expected = [dt.datetime(2026, 7, 1, 6, tzinfo=UTC), late, None]
        self.check(objects(early, late, None), "timestamp[us, tz=UTC]", expected)
        self.check(objects(pd.Timestamp(early), late, None), "timestamp[us, tz=UTC]", expected)
        self.check(
            objects(late, INSTANT), "timestamp[us, tz=UTC]", [late, INSTANT.replace(tzinfo=UTC)], "row 2"
        )

    def test_a_time_of_day_with_a_zone_is_text(self):
        self.check(objects(dt.time(8, tzinfo=UTC)), "string", ["08:00:00+00:00"], "time zone (row 1)")

    def test_a_duration_that_is_too_long_is_text(self):
        self.check(
            objects(dt.timedelta(days=999999999)), "string", ["999999999 days, 0:00:00"], "too long to be one"
        )

    def test_broken_characters_are_replaced_and_said(self):
        self.check(
            objects("a", "x\ud800y"),
            "string",
            ["a", "x\ufffdy"],
            "1 text(s)",
        )
        self.check(objects("\ud83d\ude00", None), "string", ["\U0001f600", None], "row 1")

    def test_mixed_objects_are_text_with_an_example_of_each_kind(self):
        self.check(
            objects("401LEGAL", 411000, None, 2.5),
            "string",
            ["401LEGAL", "411000", None, "2.5"],
            "str in row 1, int in row 2, float in row 4",
        )
        self.check(objects(True, 1), "string", ["True", "1"], "bool in row 1, int in row 2")
        self.check(
            objects("a", DAY, INSTANT), "string", ["a", "2026-01-31", "2026-01-31T08:30:00"], "date in row 2"
        )
        self.check(objects("a", [1]), "string", ["a", "[1]"], "list in row 2")

    def test_what_has_no_text_is_refused_by_column_and_row(self):
        class Mute:
            def __str__(self):
                raise RuntimeError("no words")

        with self.assertRaisesRegex(PennyError, "`colonne`, row 2: the Mute has no text: no words"):
            sent(pd.DataFrame({"colonne": objects("a", Mute())}))

    def test_remarks_about_categories_name_the_row(self):
        categories = pd.Series(pd.Categorical(objects("z", 2, "z", 1), categories=objects(1, "z", 2)))
        self.check(categories, "string", ["z", "2", "z", "1"], "str in row 1, int in row 2")

    def test_a_cell_that_holds_a_table_is_refused_by_column_and_row(self):
        for cell in [pd.DataFrame({"a": [1]}), pd.Series([1]), pd.Index([1])]:
            with self.assertRaises(PennyError) as raised:
                sent(pd.DataFrame({"colonne": objects("a", cell)}))
            self.assertIn("`colonne`, row 2", str(raised.exception))


class Structures(unittest.TestCase):
    def check(self, value, expected):
        with self.subTest(value=str(value)[:60]):
            table, remarks = sent(pd.DataFrame({"x": objects(value, None)}))
            self.assertEqual(table.schema.field("x").metadata, {b"penny.type": b"jsonb"})
            text, missing = table["x"].to_pylist()
            self.assertEqual(json.loads(text, parse_constant=self.fail), expected)
            self.assertIsNone(missing)
            self.assertEqual(remarks, [])

    def test_dicts_and_lists_become_json(self):
        self.check({"é": 1, "b": [True, None]}, {"é": 1, "b": [True, None]})
        self.check([], [])
        self.check((1, "a"), [1, "a"])
        self.check({3, 1, 2}, [1, 2, 3])
        self.check(np.array([[1.5, NAN]]), [[1.5, None]])
        self.check([NAN, np.inf, pd.NA, pd.NaT, np.float64(NAN), Decimal("NaN")], [None] * 6)
        self.check(
            [DAY, INSTANT, pd.Timestamp(DAY), dt.time(8)],
            ["2026-01-31", "2026-01-31T08:30:00", "2026-01-31T00:00:00", "08:00:00"],
        )
        self.check(
            [np.datetime64("2026-01-31"), pd.Timedelta("1h"), np.timedelta64("NaT")],
            ["2026-01-31T00:00:00", "P0DT1H0M0S", None],
        )
        self.check([np.int64(1), np.bool_(True), Decimal("1.5"), Decimal("2")], [1, True, 1.5, 2])
        self.check([Decimal("0.12345678901234567890")], ["0.12345678901234567890"])
        self.check({1: "a", None: "b", "c": Color.RED}, {"1": "a", "null": "b", "c": "rouge"})
        self.check([2**70, IDENTIFIER, b"\xff"], [2**70, str(IDENTIFIER), "ff"])
        self.check(["a\0b", "\ud800"], ["ab", "\ufffd"])

    def test_the_same_set_is_always_the_same_text(self):
        words = [f"mot{n}" for n in range(50)]
        self.check(set(words), sorted(words))

    def test_what_contains_itself_is_refused_by_column_and_row(self):
        endless = []
        endless.append(endless)
        with self.assertRaisesRegex(PennyError, "`x`, row 2: the list has no JSON: it contains itself"):
            sent(pd.DataFrame({"x": objects([1], endless)}))


class Streams(unittest.TestCase):
    def test_every_row_arrives_once_in_order_over_many_batches(self):
        rows = 100_001
        frame = pd.DataFrame(
            {
                "n": np.arange(rows),
                "t": objects(*map(str, range(rows))),
                "c": pd.Categorical.from_codes(np.arange(rows) % 3, ["a", "b", "c"]),
            }
        )
        table, _ = sent(frame)
        self.assertEqual(table["n"].to_pylist(), list(range(rows)))
        self.assertEqual(table["t"].to_pylist(), list(map(str, range(rows))))
        self.assertEqual(table["c"].to_pylist(), ["abc"[n % 3] for n in range(rows)])
        self.assertGreater(table["n"].num_chunks, 3)

    def test_long_texts_are_sent_in_small_batches(self):
        frame = pd.DataFrame({"t": ["x" * 1_000_000] * 100})
        sizes = [batch.nbytes for batch in Outgoing(frame).batches()]
        self.assertLess(max(sizes), 20_000_000)
        self.assertEqual(sum(batch.num_rows for batch in Outgoing(frame).batches()), 100)

    def test_no_rows_still_have_their_columns(self):
        frame = pd.DataFrame({"n": [1], "d": pd.to_datetime(["2026-01-31"]), "t": ["a"], "c": ["a"]})
        frame["c"] = frame["c"].astype("category")
        table, _ = sent(frame[:0])
        self.assertEqual(table.num_rows, 0)
        self.assertEqual(table.schema.names, ["n", "d", "t", "c"])
        self.assertEqual(table.schema.metadata[b"penny.rows"], b"0")

    def test_the_schema_tells_the_number_of_rows_and_nothing_of_pandas(self):
        table, _ = sent(pd.DataFrame({"a": [1, 2, 3]}))
        self.assertEqual(table.schema.metadata, {b"penny.rows": b"3"})

    def test_a_filtered_and_sorted_frame_is_sent_as_it_is_seen(self):
        frame = pd.DataFrame({"a": [3, 1, 2], "t": objects("c", "a", "b")})
        table, _ = sent(frame[frame["a"] > 1].sort_values("a"))
        self.assertEqual(table.to_pydict(), {"a": [2, 3], "t": ["b", "c"]})


if __name__ == "__main__":
    unittest.main()
