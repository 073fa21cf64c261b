"""Values in SQL: nothing that a value holds can become part of the query."""

import datetime as dt
import unittest
from decimal import Decimal

import context  # noqa: F401
import numpy as np
import pandas as pd

from penny import PennyError
from penny.literals import literal, substitute

PARIS = dt.timezone(dt.timedelta(hours=2))


class Literals(unittest.TestCase):
    def test_each_kind_of_value_has_its_literal(self):
        for value, text in [
            ("abc", "'abc'"),
            ("", "''"),
            ("l'été", "'l''été'"),
            ("'; DROP TABLE x; --", "'''; DROP TABLE x; --'"),
            ("a\\b", "('a' || CHR(92) || 'b')"),
            ("\\'; DROP TABLE x; --", "('' || CHR(92) || '''; DROP TABLE x; --')"),
            ("100 %", "'100 %'"),
            (5, "5"),
            (-5, "(-5)"),
            (2**70, "1180591620717411303424"),
            (np.int64(7), "7"),
            (1.5, "1.5"),
            (-0.25, "(-0.25)"),
            (np.float64(2.5), "2.5"),
            (float("nan"), "NULL"),
            (float("inf"), "CAST('Infinity' AS DOUBLE PRECISION)"),
            (Decimal("12.30"), "12.30"),
            (Decimal("-1E+3"), "(-1000)"),
            (True, "TRUE"),
            (np.bool_(False), "FALSE"),
            (None, "NULL"),
            (pd.NA, "NULL"),
            (pd.NaT, "NULL"),
            (dt.date(2026, 1, 31), "DATE '2026-01-31'"),
            (dt.datetime(2026, 1, 31, 8, 5), "TIMESTAMP '2026-01-31 08:05:00.000000'"),
            (pd.Timestamp("2026-01-31"), "TIMESTAMP '2026-01-31 00:00:00.000000'"),
            (np.datetime64("2026-01-31"), "TIMESTAMP '2026-01-31 00:00:00.000000'"),
            (
                dt.datetime(2026, 1, 31, 8, 5, tzinfo=PARIS),
                "CAST('2026-01-31 06:05:00.000000+00' AS TIMESTAMPTZ)",
            ),
            ([1, "a", None], "(1, 'a', NULL)"),
            ((1,), "(1)"),
            (pd.Series(["401", "411"]), "('401', '411')"),
            (np.array([1, -2]), "(1, (-2))"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(literal(value, "x"), text)

    def test_what_has_no_literal_is_refused_by_name(self):
        for value in [object(), {"a": 1}, [], [[1]], "a\0b", Decimal("Infinity"), 1j]:
            with self.subTest(value=value), self.assertRaises(PennyError) as raised:
                literal(value, "compte")
            self.assertIn("`compte`", str(raised.exception))


class Substitution(unittest.TestCase):
    def test_placeholders_become_literals(self):
        for sql, params, text in [
            ("SELECT %(a)s, %(b)s, %(a)s", {"a": 1, "b": "x"}, "SELECT 1, 'x', 1"),
            ("SELECT 10 %% 3", {}, "SELECT 10 % 3"),
            ("WHERE n LIKE '6%%' AND a = %(a)s", {"a": 1}, "WHERE n LIKE '6%' AND a = 1"),
            ("SELECT a -%(a)s", {"a": -1}, "SELECT a -(-1)"),
            ("-- l'année, 100 %\nSELECT %(a)s", {"a": 1}, "-- l'année, 100 %\nSELECT 1"),
            ("/* it's %(x)s */ SELECT %(a)s", {"a": 1}, "/* it's %(x)s */ SELECT 1"),
            ("SELECT '%%(a)s', \"it''s\"", {"a": 1}, "SELECT '%(a)s', \"it''s\""),
            ("SELECT %(a)s", {"a": "%(b)s", "b": 2}, "SELECT '%(b)s'"),
        ]:
            with self.subTest(sql=sql):
                self.assertEqual(substitute(sql, params), text)

    def test_a_wrong_query_is_refused_in_a_sentence(self):
        for sql, params, words in [
            ("SELECT %(a)s", {"b": 1}, ["%(a)s", "it has: b"]),
            ("SELECT 1\nWHERE a LIKE b % c", {}, ["lone %", "line 2"]),
            ("SELECT '%(a)s'", {"a": 1}, ["between quotes"]),
            ("SELECT %(a)s", [1], ["dict"]),
        ]:
            with self.subTest(sql=sql), self.assertRaises(PennyError) as raised:
                substitute(sql, params)
            for word in words:
                self.assertIn(word, str(raised.exception))


if __name__ == "__main__":
    unittest.main()
