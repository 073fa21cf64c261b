"""Names of columns: from any label that pandas allows to a name that PostgreSQL takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd

from .errors import PennyError

_NAME_BYTES_MAX = 63


def column_names(labels: pd.Index) -> list[str]:
    """The labels as distinct, valid names, in order; the first that is not is refused by position."""
    names = [label_text(label) for label in labels]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        _check(name, position)
        if name in seen:
            raise PennyError(
                f"Two columns are called `{name}`: number {seen[name]} and number {position}.",
                "hint: rename one of them, for example with df.rename or df.columns = […].",
            )
        seen[name] = position
    return names


def label_text(label: Any) -> str:
    """One label as text: the parts of a tuple joined with `_`, a date in ISO form."""
    if isinstance(label, str):
        return label
    if isinstance(label, tuple):
        return "_".join(text for text in map(label_text, label) if text)
    if pd.isna(label):
        return ""
    if isinstance(label, datetime):
        midnight = label.tzinfo is None and label == pd.Timestamp(label).normalize()
        return label.strftime("%Y-%m-%d") if midnight else label.isoformat()
    if isinstance(label, date):
        return label.isoformat()
    return str(label)


def _check(name: str, position: int) -> None:
    if not name.strip():
        raise PennyError(
            f"Column number {position} has no name.",
            "hint: name it, for example with df.columns = […].",
        )
    if "\0" in name:
        raise PennyError(f"The name of column number {position} has a NUL character: {name!r}.")
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        raise PennyError(f"The name of column number {position} is not valid text: {name!r}.") from None
    if size > _NAME_BYTES_MAX:
        raise PennyError(
            f"The name of column number {position}, `{name}`, is {size} bytes long; "
            f"PostgreSQL takes {_NAME_BYTES_MAX} at most.",
            "hint: shorten it with df.rename(columns={…}); an accented letter counts for two bytes.",
        )
