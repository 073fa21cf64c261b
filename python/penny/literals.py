"""Values inside SQL: every `%(name)s` becomes a literal that cannot be mistaken for anything else."""

from __future__ import annotations

import math
import numbers
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Mapping

import pandas as pd

from .errors import PennyError

# Comments and quoted texts come first: a `%` or an apostrophe inside them is not ours to read.
_TOKENS = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|%\((?P<name>[^)]*)\)s"
    r"|(?P<percent>%%)"
    r"|(?P<lone>%)",
    re.DOTALL,
)


def substitute(sql: str, params: Mapping[str, Any]) -> str:
    """Replaces each `%(name)s` by the literal of that parameter, and `%%` by `%`."""
    if not isinstance(params, Mapping):
        raise PennyError(
            "`params` is a dict, its names standing in the query as %(name)s.",
            'hint: redshift("… WHERE date >= %(debut)s", {"debut": "2026-01-01"})',
        )

    def replacement(match: re.Match[str]) -> str:
        name = match["name"]
        if name is not None:
            if name not in params:
                known = ", ".join(map(str, params)) or "none"
                raise PennyError(f"The query has %({name})s, but `params` has no `{name}` (it has: {known}).")
            return literal(params[name], name)
        if match["percent"]:
            return "%"
        if match["quoted"]:
            return _unquoted(match["quoted"])
        if match["lone"]:
            line = sql.count("\n", 0, match.start()) + 1
            raise PennyError(f"The query has a lone % on line {line}; write %% for a percent sign.")
        return match["comment"]

    return _TOKENS.sub(replacement, sql)


def _unquoted(text: str) -> str:
    inside = re.search(r"(?<!%)(?:%%)*%\(([^)]*)\)s", text)
    if inside:
        raise PennyError(
            f"%({inside[1]})s stands between quotes in the query, where a value cannot be put.",
            f"hint: remove the quotes; Penny writes them. For a part of a text: '…' || %({inside[1]})s || '…'",
        )
    return text.replace("%%", "%")


def literal(value: Any, name: str) -> str:
    """One value as SQL that both Redshift and PostgreSQL read alike."""
    if isinstance(value, (list, tuple, set, frozenset, range)) or getattr(value, "ndim", 0) == 1:
        return _sequence(list(value), name)
    if isinstance(value, str):
        return _text(str(value), name)
    if value is None or value is pd.NA or value is pd.NaT:
        return "NULL"
    if isinstance(value, datetime):
        return _moment(pd.Timestamp(value))
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":
        return literal(pd.Timestamp(value), name)
    if hasattr(value, "item"):  # A number or flag of numpy.
        value = value.item()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return _decimal(value, name)
    if isinstance(value, numbers.Integral):
        return _signed(str(int(value)))
    if isinstance(value, numbers.Real):
        return _float(float(value))
    raise PennyError(f"The parameter `{name}` is a {type(value).__name__}, which has no form in SQL.")


def _sequence(values: list[Any], name: str) -> str:
    if not values:
        raise PennyError(f"The list `{name}` is empty, and SQL has no empty list.")
    if any(isinstance(value, (list, tuple, set)) for value in values):
        raise PennyError(f"The list `{name}` has lists inside, which has no form in SQL.")
    return f"({', '.join(literal(value, name) for value in values)})"


def _text(value: str, name: str) -> str:
    if "\0" in value:
        raise PennyError(f"The parameter `{name}` has a NUL character, which SQL does not take.")
    quoted = "'" + value.replace("'", "''") + "'"
    if "\\" not in quoted:
        return quoted
    # Redshift reads a backslash in a text as an escape, PostgreSQL does not: write none at all.
    return "(" + quoted.replace("\\", "' || CHR(92) || '") + ")"


def _moment(value: pd.Timestamp) -> str:
    text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if value.tzinfo is None:
        return f"TIMESTAMP '{text}'"
    return f"CAST('{value.tz_convert('UTC').strftime('%Y-%m-%d %H:%M:%S.%f')}+00' AS TIMESTAMPTZ)"


def _decimal(value: Decimal, name: str) -> str:
    if value.is_nan():
        return "NULL"
    if value.is_infinite():
        raise PennyError(f"The parameter `{name}` is an infinite decimal, which has no form in SQL.")
    return _signed(format(value, "f"))


def _float(value: float) -> str:
    if math.isnan(value):
        return "NULL"
    if math.isinf(value):
        return "CAST('{}Infinity' AS DOUBLE PRECISION)".format("-" if value < 0 else "")
    return _signed(repr(value))


def _signed(text: str) -> str:
    """A negative number in parentheses, since `a -%(x)s` would begin a comment."""
    return f"({text})" if text.startswith("-") else text
