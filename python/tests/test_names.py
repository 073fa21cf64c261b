"""Labels of columns become names, or are refused by name and position."""

import datetime as dt
import unittest

import context  # noqa: F401
import pandas as pd

from penny import PennyError
from penny.names import column_names


class Names(unittest.TestCase):
    def test_any_label_becomes_text(self):
        for label, name in [
            ("montant", "montant"),
            (2026, "2026"),
            (1.5, "1.5"),
            (True, "True"),
            (dt.date(2026, 1, 31), "2026-01-31"),
            (pd.Timestamp("2026-01-31"), "2026-01-31"),
            (pd.Timestamp("2026-01-31 08:30"), "2026-01-31T08:30:00"),
            (pd.Period("2026-01"), "2026-01"),
            ("é" * 31, "é" * 31),
        ]:
            with self.subTest(label=label):
                self.assertEqual(column_names(pd.Index([label], dtype=object)), [name])

    def test_the_levels_of_a_multiindex_are_joined(self):
        frame = (
            pd.DataFrame({"n": ["a", "b"], "v": [1, 2]})
            .groupby("n")
            .agg({"v": ["sum", "mean"]})
            .reset_index()
        )
        self.assertEqual(column_names(frame.columns), ["n", "v_sum", "v_mean"])
        self.assertEqual(
            column_names(pd.MultiIndex.from_tuples([(2025, "debit"), (2026, "")])), ["2025_debit", "2026"]
        )

    def test_what_postgresql_cannot_take_is_refused_by_position(self):
        for labels, words in [
            (["a", "b", "a"], ["`a`", "number 1", "number 3"]),
            ([1, "1"], ["`1`", "number 1", "number 2"]),
            (["a", ""], ["number 2", "no name"]),
            (["a", "  "], ["number 2", "no name"]),
            (["a", None], ["number 2", "no name"]),
            (["é" * 32], ["number 1", "64 bytes"]),
            (["a\0b"], ["number 1", "NUL"]),
            (["a\ud800"], ["number 1", "not valid text"]),
        ]:
            with self.subTest(labels=labels), self.assertRaises(PennyError) as raised:
                column_names(pd.Index(labels, dtype=object))
            for word in words:
                self.assertIn(word, str(raised.exception))

    def test_names_that_differ_in_case_only_are_two_names(self):
        self.assertEqual(column_names(pd.Index(["Total", "total"])), ["Total", "total"])


if __name__ == "__main__":
    unittest.main()
