"""What the notebook shows after publishing, and what is refused before anything is sent."""

import unittest

import context  # noqa: F401
import pandas as pd

import penny
from penny.publication import Publication, _frame, _key
from penny.sending import Outgoing

REPORT = {
    "table": "customers",
    "schema": "pennylane",
    "rows": 12345,
    "rows_inserted": 12,
    "rows_deleted": 3,
    "rows_unchanged": 12333,
    "created": False,
    "columns": 5,
    "columns_added": ["Retard"],
    "columns_widened": [{"column": "n", "from": "bigint", "to": "numeric"}],
    "columns_missing": ["ancien"],
    "columns_dropped": [],
    "warnings": ["<b>3</b> valeurs"],
    "bytes": 100,
    "elapsed_ms": 1840,
    "unchanged": False,
    "of_a_newer_program": 1,
}


class Reports(unittest.TestCase):
    def test_the_reports_keys_are_attributes(self):
        publication = Publication.from_report(REPORT)
        for name, value in REPORT.items():
            if name != "of_a_newer_program":
                self.assertEqual(getattr(publication, name), value)

    def test_the_plain_form_is_one_line(self):
        text = repr(Publication.from_report(REPORT))
        self.assertNotIn("\n", text)
        for part in [
            "pennylane.customers",
            "12\u00a0345 lignes",
            "12 écrites",
            "Retard",
            "1,8 s",
            "bigint",
            "ancien",
        ]:
            self.assertIn(part, text)

    def test_the_html_form_is_french_and_escaped(self):
        html = Publication.from_report(REPORT)._repr_html_()
        for part in [
            "Table",
            "Lignes",
            "Colonnes ajoutées",
            "Durée",
            "Avertissement",
            "&lt;b&gt;3&lt;/b&gt; valeurs",
        ]:
            self.assertIn(part, html)
        self.assertNotIn("<b>", html)

    def test_a_new_and_an_unchanged_table_are_called_so(self):
        new = Publication.from_report({**REPORT, "created": True})
        self.assertIn("nouvelle table", repr(new))
        self.assertNotIn("Colonnes ajoutées", new._repr_html_())
        self.assertIn("inchangée", repr(Publication.from_report({**REPORT, "unchanged": True})))


class Frames(unittest.TestCase):
    def check(self, df, index, columns, warned):
        frame, warnings = _frame(df, index)
        self.assertEqual(Outgoing(frame, warnings).schema.names, columns)
        self.assertEqual(bool(warnings), warned)

    def test_an_index_is_written_only_when_asked(self):
        plain = pd.DataFrame({"a": [1, 2]})
        named = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="compte"))
        double = plain.set_index(pd.MultiIndex.from_tuples([(1, 2), (3, 4)], names=["x", "y"]))
        self.check(plain, None, ["a"], False)
        self.check(plain[::-1], None, ["a"], False)
        self.check(plain, True, ["index", "a"], False)
        self.check(named, None, ["a"], True)
        self.check(named, False, ["a"], False)
        self.check(named, True, ["compte", "a"], False)
        self.check(double, True, ["x", "y", "a"], False)

    def test_an_index_that_only_texts_name_is_said_too(self):
        self.check(pd.DataFrame({"a": [1, 2]}, index=["total", "moyenne"]), None, ["a"], True)

    def test_an_index_called_like_a_column_is_refused(self):
        frame, _ = _frame(pd.DataFrame({"a": [1]}, index=pd.Index([1], name="a")), True)
        with self.assertRaisesRegex(penny.PennyError, "called `a`"):
            Outgoing(frame)

    def test_a_series_is_a_table_of_one_column(self):
        self.check(pd.Series([1, 2], name="total"), None, ["total"], False)
        self.check(pd.Series([1, 2]), None, ["value"], False)
        self.check(
            pd.Series([1, 2], name="total", index=pd.Index([1, 2], name="n")), True, ["n", "total"], False
        )

    def test_the_caller_keeps_his_frame_as_it_was(self):
        frame = pd.DataFrame({"a": [{"x": float("nan")}, None], "b": [1, "x"]})
        before = frame.copy(deep=True)
        Outgoing(frame)
        pd.testing.assert_frame_equal(frame, before)


class Refusals(unittest.TestCase):
    def test_what_cannot_be_published_is_refused_in_a_sentence(self):
        frame = pd.DataFrame({"a": [1]})
        for call, words in [
            (lambda: penny.publish([1], "t"), ["not a list"]),
            (lambda: penny.publish("t", frame), ["DataFrame comes first"]),
            (lambda: penny.publish(pd.DataFrame(), "t"), ["no columns"]),
            (lambda: penny.publish(pd.DataFrame(index=[1, 2]), "t"), ["no columns"]),
            (lambda: penny.publish(frame, ""), ["name of the table"]),
            (lambda: penny.publish(frame, "--schema"), ["name of the table"]),
            (lambda: penny.publish(frame, None), ["name of the table"]),
            (lambda: penny.publish(frame, "t", schema=3), ["name of the schema"]),
            (lambda: penny.publish(frame, "t", key="b"), ["`b`", "its columns are a"]),
            (lambda: penny.publish(frame, "t", key=[]), ["names no column"]),
            (lambda: penny.pennylane(""), ["name of a list"]),
            (lambda: penny.pennylane("customers", limit=-1), ["number of rows"]),
            (lambda: penny.pennylane("customers", limit="10"), ["number of rows"]),
            (lambda: penny.redshift(""), ["SELECT"]),
        ]:
            with self.assertRaises(penny.PennyError) as raised:
                call()
            for word in words:
                self.assertIn(word, str(raised.exception))

    def test_a_key_is_one_name_or_several(self):
        outgoing = Outgoing(pd.DataFrame({"a": [1], 2026: [1]}))
        self.assertEqual(_key("a", outgoing), "a")
        self.assertEqual(_key(["a", 2026], outgoing), "a,2026")


if __name__ == "__main__":
    unittest.main()
