"""Publishing a DataFrame as a table of PostgreSQL, and what the notebook shows about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any, Optional, Sequence, Union

import pandas as pd

from . import process
from .errors import PennyError, readable, warn
from .names import label_text
from .sending import Outgoing


@readable
def publish(
    df: pd.DataFrame,
    table: str,
    *,
    key: Union[str, Sequence[str], None] = None,
    schema: Optional[str] = None,
    drop_missing: bool = False,
    index: Optional[bool] = None,
) -> Publication:
    """Publie un DataFrame dans une table PostgreSQL, d'un seul coup : l'ancienne version, puis la nouvelle.

    key          : colonne(s) de la clé primaire, par exemple "id" ou ["company_id", "period_end"].
    schema       : schéma PostgreSQL, si ce n'est pas celui de l'espace de travail.
    drop_missing : supprime de la table les colonnes absentes du DataFrame (sinon gardées, et vidées).
    index        : True écrit l'index comme une ou plusieurs colonnes, False l'ignore.

    Une colonne nouvelle du DataFrame devient une colonne de la table. Une colonne datetime dont
    toutes les heures sont 00:00 devient une date.

    >>> penny.publish(df, "customers")
    """
    frame, warnings = _frame(df, index)
    outgoing = Outgoing(frame, warnings)
    arguments = ["load", _name(table, "table")]
    if schema is not None:
        arguments.append(f"--schema={_name(schema, 'schema')}")
    if key is not None:
        arguments.append(f"--key={_key(key, outgoing)}")
    if drop_missing:
        arguments.append("--drop-missing")
    answer = process.call(
        arguments, write=outgoing.write, read=lambda pipe: json.loads(pipe.readline()), leave=True
    )
    publication = Publication.from_report(answer.value)
    for text in answer.warnings:
        if text not in publication.warnings:
            warn(text)
    return publication


@dataclass(frozen=True, repr=False)
class Publication:
    """Le compte rendu d'une publication : table, lignes, colonnes ajoutées, avertissements."""

    table: str
    schema: str = ""
    rows: int = 0
    rows_inserted: int = 0
    rows_deleted: int = 0
    rows_unchanged: int = 0
    created: bool = False
    columns: int = 0
    columns_added: list[str] = field(default_factory=list)
    columns_widened: list[dict[str, str]] = field(default_factory=list)
    columns_missing: list[str] = field(default_factory=list)
    columns_dropped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    bytes: int = 0
    elapsed_ms: int = 0
    unchanged: bool = False

    @classmethod
    def from_report(cls, report: dict[str, Any]) -> Publication:
        """The program's report; what a newer program adds to it is left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in report.items() if name in known})

    def __repr__(self) -> str:
        parts = [f"{self._address()} : {_lines(self.rows)}", self._movement(), *self._changes()]
        return ", ".join([*parts, self._duration(), *(f"attention : {text}" for text in self.warnings)])

    def _repr_html_(self) -> str:
        rows = [("Table", self._address()), ("Lignes", f"{_number(self.rows)} ({self._movement()})")]
        if self.columns_added and not self.created:
            rows.append(("Colonnes ajoutées", ", ".join(self.columns_added)))
        rows += [("Colonnes", text) for text in self._other_changes()]
        rows.append(("Durée", self._duration()))
        rows += [("Avertissement", text) for text in self.warnings]
        lines = "".join(
            f'<tr><th style="text-align:left">{escape(title)}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for title, text in rows
        )
        return f"<table>{lines}</table>"

    def _address(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table

    def _movement(self) -> str:
        if self.created:
            return "nouvelle table"
        if self.unchanged:
            return "inchangée"
        return (
            f"{_number(self.rows_inserted)} écrites, {_number(self.rows_deleted)} retirées, "
            f"{_number(self.rows_unchanged)} inchangées"
        )

    def _changes(self) -> list[str]:
        added = self.columns_added and not self.created
        return [
            *([f"colonnes ajoutées : {', '.join(self.columns_added)}"] if added else []),
            *self._other_changes(),
        ]

    def _other_changes(self) -> list[str]:
        changes = [f"{one['column']} : {one['from']} devient {one['to']}" for one in self.columns_widened]
        if self.columns_missing:
            changes.append(f"absentes du DataFrame, gardées vides : {', '.join(self.columns_missing)}")
        if self.columns_dropped:
            changes.append(f"supprimées : {', '.join(self.columns_dropped)}")
        return changes

    def _duration(self) -> str:
        return f"{self.elapsed_ms / 1000:.1f}".replace(".", ",") + " s"


def _frame(df: Any, index: Optional[bool]) -> tuple[pd.DataFrame, list[str]]:
    """The frame whose columns are published, the index among them when that is wanted."""
    if isinstance(df, pd.Series):
        df = df.to_frame("value" if df.name is None else df.name)
    if not isinstance(df, pd.DataFrame):
        hint = None
        if isinstance(df, str):
            hint = 'hint: the DataFrame comes first: penny.publish(df, "customers")'
        elif hasattr(df, "to_pandas"):
            hint = "hint: give it as df.to_pandas()."
        raise PennyError(f"penny.publish takes a pandas DataFrame, not a {type(df).__name__}.", hint)
    if index:
        return df.reset_index(allow_duplicates=True), []
    if index is None and _says_something(df.index):
        names = ", ".join(
            "without name" if name is None else f"`{label_text(name)}`" for name in df.index.names
        )
        return df, [f"the index ({names}) was not written; `index=True` writes it too"]
    return df, []


def _says_something(index: pd.Index) -> bool:
    """A number without a name is only the number of a row, whatever its order after a sort or a filter."""
    return index.nlevels > 1 or index.name is not None or not pd.api.types.is_integer_dtype(index.dtype)


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not name.strip() or name.startswith("-"):
        raise PennyError(f"The name of the {what} is a text such as 'customers', not {name!r}.")
    return name


def _key(key: Any, outgoing: Outgoing) -> str:
    parts = [key] if isinstance(key, (str, int)) else list(key)
    names = [label_text(part) for part in parts]
    known = outgoing.schema.names
    for name in names:
        if name not in known:
            raise PennyError(
                f"The key names the column `{name}`, which the DataFrame does not have.",
                f"hint: its columns are {', '.join(known[:30])}{' …' if len(known) > 30 else ''}.",
            )
        if "," in name:
            raise PennyError(
                f"The column `{name}` cannot be a key: its name has a comma.", "hint: rename it."
            )
    if not names:
        raise PennyError("The key names no column.")
    return ",".join(names)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u00a0")


def _lines(count: int) -> str:
    return f"{_number(count)} ligne{'s' if count > 1 else ''}"
