"""Filters in Python's words become Pennylane's own."""

import datetime as dt
import json
import unittest
from decimal import Decimal

import context  # noqa: F401
import numpy as np
import pandas as pd

from penny import PennyError
from penny.filters import argument_text, filter_text, moment_text


def condition(field, operator, value):
    return {"field": field, "operator": operator, "value": value}


class Filters(unittest.TestCase):
    def test_conditions_become_pennylanes(self):
        for given, expected in [
            (("date", ">=", "2026-01-01"), [condition("date", "gteq", "2026-01-01")]),
            (["date", ">=", "2026-01-01"], [condition("date", "gteq", "2026-01-01")]),
            (("id", "==", 4), [condition("id", "eq", 4)]),
            (("id", "!=", np.int64(4)), [condition("id", "not_eq", 4)]),
            (("id", "<", 4), [condition("id", "lt", 4)]),
            (("id", "<=", 4), [condition("id", "lteq", 4)]),
            (("id", ">", 4), [condition("id", "gt", 4)]),
            (("id", "in", [1, 2]), [condition("id", "in", [1, 2])]),
            (("id", "not in", pd.Series([1, 2])), [condition("id", "not_in", [1, 2])]),
            (("name", "startswith", "Éc"), [condition("name", "start_with", "Éc")]),
            (("draft", "==", False), [condition("draft", "eq", False)]),
            (("draft", "==", np.bool_(True)), [condition("draft", "eq", True)]),
            (("date", "gteq", dt.date(2026, 1, 1)), [condition("date", "gteq", "2026-01-01")]),
            (("date", ">", pd.Timestamp("2026-01-01")), [condition("date", "gt", "2026-01-01")]),
            (("date", ">", np.datetime64("2026-01-01")), [condition("date", "gt", "2026-01-01")]),
            (("at", ">", dt.datetime(2026, 1, 1, 8)), [condition("at", "gt", "2026-01-01T08:00:00.000000Z")]),
            (("amount", ">", Decimal("1.50")), [condition("amount", "gt", "1.50")]),
            (condition("id", "in", [1]), [condition("id", "in", [1])]),
            (
                [("date", ">=", "2026-01-01"), condition("draft", "eq", True)],
                [condition("date", "gteq", "2026-01-01"), condition("draft", "eq", True)],
            ),
        ]:
            with self.subTest(given=given):
                self.assertEqual(json.loads(filter_text(given)), expected)

    def test_a_wrong_filter_is_refused_in_a_sentence(self):
        for given, word in [
            ("date >= 2026", "looks like"),
            (("date", "~", "2026"), "unknown operator '~'"),
            (("date", ">="), "looks like"),
            (("id", "in", 4), "takes a list"),
            (("id", "==", [4]), "takes a single value"),
            (("id", "==", None), "missing"),
            (("id", "==", float("nan")), "missing"),
            (("date", ">=", pd.NaT), "missing"),
            (("id", "==", object()), "text, number, date"),
            (("id", "in", list(range(10**6, 10**6 + 9000))), "characters long"),
        ]:
            with self.subTest(given=str(given)[:60]), self.assertRaises(PennyError) as raised:
                filter_text(given)
            self.assertIn(word, str(raised.exception))


class Arguments(unittest.TestCase):
    def test_parameters_are_written_as_the_api_reads_them(self):
        for value, text in [
            ("2026-01-01", "2026-01-01"),
            (dt.date(2026, 1, 1), "2026-01-01"),
            (pd.Timestamp("2026-01-01"), "2026-01-01"),
            (True, "true"),
            (np.bool_(False), "false"),
            (5, "5"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(argument_text(value, "x"), text)
        with self.assertRaises(PennyError):
            argument_text([1], "x")

    def test_an_instant_is_written_in_utc(self):
        for value in [
            "2026-01-01T08:00:00Z",
            "2026-01-01 08:00",
            dt.datetime(2026, 1, 1, 10, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            pd.Timestamp("2026-01-01 09:00", tz="Europe/Paris"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(moment_text(value, "since"), "2026-01-01T08:00:00.000000Z")
        for value in ["hier", None, pd.NaT]:
            with self.subTest(value=value), self.assertRaises(PennyError):
                moment_text(value, "since")


if __name__ == "__main__":
    unittest.main()
