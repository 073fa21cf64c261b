"""The twelve notebooks: each is a page in French that reads, shows, checks and publishes one table."""

import ast
import json
import unittest
from typing import Any, NamedTuple

import context

API = {
    "customers": "customers",
    "customer_invoices": "customer_invoices",
    "suppliers": "suppliers",
    "supplier_invoices": "supplier_invoices",
    "bank_transactions": "transactions",
}
DATA_SHARE = [
    "analytical_ledger",
    "general_ledger",
    "trial_balance",
    "bank_accounts",
    "fiscal_years",
    "tax_declarations",
    "vat_declarations",
]
TABLES = [*API, *DATA_SHARE]
SECTIONS = ["Paramètres", "Extraction", "Transformations", "Aperçu", "Contrôle", "Export"]


class Notebook(NamedTuple):
    table: str
    whole: dict[str, Any]
    cells: list[dict[str, Any]]
    code: list[dict[str, Any]]


def read(table):
    whole = json.loads((context.NOTEBOOKS / f"Import_{table}.ipynb").read_text(encoding="utf-8"))
    return Notebook(
        table, whole, whole["cells"], [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
    )


def source(cell):
    return "".join(cell["source"])


def calls(tree, name):
    """The calls of `penny.<name>` in the code."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        and getattr(node.func.value, "id", "") == "penny"
    ]


class Notebooks(unittest.TestCase):
    def test_there_is_one_notebook_for_each_table(self):
        names = sorted(path.name for path in context.NOTEBOOKS.glob("*.ipynb"))
        self.assertEqual(names, sorted(f"Import_{table}.ipynb" for table in TABLES))

    def test_the_format_is_valid(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                self.assertEqual((notebook.whole["nbformat"], notebook.whole["nbformat_minor"]), (4, 5))
                self.assertEqual(
                    notebook.whole["metadata"]["kernelspec"],
                    {"name": "penny", "display_name": "Penny (Python)", "language": "python"},
                )
                ids = [cell["id"] for cell in notebook.cells]
                self.assertEqual(len(set(ids)), len(ids))
                for name in ids:
                    self.assertRegex(name, r"^[a-z]+(-[a-z]+)*$")
                try:
                    import nbformat
                except ImportError:
                    continue
                nbformat.validate(nbformat.from_dict(notebook.whole))

    def test_no_cell_was_executed(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                for cell in notebook.code:
                    self.assertEqual(cell["outputs"], [])
                    self.assertIsNone(cell["execution_count"])

    def test_the_sections_stand_in_their_order(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                titles = [
                    source(cell).splitlines()[0] for cell in notebook.cells if cell["cell_type"] == "markdown"
                ]
                self.assertRegex(titles[0], r"^# [A-ZÉ]")
                self.assertEqual([title[3:] for title in titles if title.startswith("## ")], SECTIONS)

    def test_the_first_code_cell_alone_has_the_parameters(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                tags = [cell["metadata"].get("tags") for cell in notebook.code]
                self.assertEqual(tags, [["parameters"]] + [None] * (len(notebook.code) - 1))
                for statement in ast.parse(source(notebook.code[0])).body:
                    self.assertIsInstance(statement, ast.Assign)
                    ast.literal_eval(statement.value)

    def test_the_introduction_is_a_title_and_two_french_sentences(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                title, text = source(notebook.cells[0]).split("\n\n", 1)
                self.assertTrue(text.startswith("Importe"))
                self.assertGreaterEqual(text.count(".\n") + text.endswith("."), 2)

    def test_the_place_for_ones_own_columns_has_an_example(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                place = next(
                    n for n, cell in enumerate(notebook.cells) if "Ajoutez vos colonnes ici" in source(cell)
                )
                self.assertEqual(notebook.cells[place]["cell_type"], "markdown")
                self.assertEqual(notebook.cells[place + 1]["cell_type"], "code")
                examples = [
                    line
                    for line in source(notebook.cells[place + 1]).splitlines()
                    if line.startswith("# df[")
                ]
                self.assertEqual(len(examples), 1)
                ast.parse(examples[0][2:])

    def test_each_reads_its_own_source(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                tree = ast.parse("\n".join(map(source, notebook.code)))
                if table in API:
                    [call] = calls(tree, "pennylane")
                    self.assertEqual(call.args[0].value, API[table])
                    self.assertEqual(calls(tree, "redshift"), [])
                else:
                    [call] = calls(tree, "redshift")
                    self.assertIn(f"FROM pennylane.{table}\n", call.args[0].value)
                    self.assertEqual(calls(tree, "pennylane"), [])

    def test_each_shows_the_data_and_checks_it(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                self.assertIn("display(df.head())", [source(cell) for cell in notebook.code])
                tree = ast.parse("\n".join(map(source, notebook.code)))
                asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
                self.assertTrue(asserts)
                for one in asserts:
                    self.assertIsNotNone(one.msg)

    def test_the_ledgers_have_the_pcgs_levels(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                text = "\n".join(map(source, notebook.code))
                self.assertEqual(
                    'df[f"PCG_{chiffres}"]' in text, table in ("analytical_ledger", "general_ledger")
                )

    def test_publishing_is_the_value_of_the_last_cell(self):
        for table in TABLES:
            with self.subTest(notebook=table):
                notebook = read(table)
                [statement] = ast.parse(source(notebook.cells[-1])).body
                self.assertIsInstance(statement, ast.Expr)
                [call] = calls(statement, "publish")
                self.assertIs(call, statement.value)
                self.assertEqual([ast.unparse(argument) for argument in call.args], ["df", repr(table)])


if __name__ == "__main__":
    unittest.main()
