"""Columns of Python objects: what they hold is found in one pass, then said in Arrow's types."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Callable, NamedTuple, Optional
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa

from .errors import PennyError
from .structures import STRUCTURES, json_text

JSONB = {"penny.type": "jsonb"}

_BOOLEANS = (bool, np.bool_)
_INTEGERS = (int, np.integer)
_FLOATS = (float, np.floating)
_MOMENTS = (datetime, np.datetime64)
_DURATIONS = (timedelta, np.timedelta64)
_BYTES = (bytes, bytearray, memoryview)
# Types that have one obvious text, so that writing it deserves no remark.
_TEXTUAL = (UUID, PurePath, Enum, pd.Period, pd.Interval, complex, np.complexfloating)
_TABLES = (pd.DataFrame, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)
# Below it every integer is exactly a float.
_EXACT_FLOAT_MAX = 2**53
_DECIMAL_DIGITS_MAX = 76


class Read(NamedTuple):
    """A column in Arrow, the remarks about it, and the metadata of its field."""

    array: pa.Array
    warnings: list[str]
    metadata: Optional[dict[str, str]] = None


def read_objects(name: str, values: np.ndarray) -> Read:
    """Converts a column of Python objects, `name` being for messages; rows are counted from 1.

    Raises PennyError with column and row for a value that no column of a table can hold.
    """
    types = set(map(type, values))
    if types - {str, type(None)}:
        missing = pd.isna(values)
        if missing.any():
            values = values.copy()
            values[missing] = None
            types = set(map(type, values))
    types.discard(type(None))
    if not types:
        return Read(pa.nulls(len(values)), [])
    return _reader(types)(name, values)


def _reader(types: set[type]) -> Callable[[str, np.ndarray], Read]:
    def all_are(*families: Any) -> bool:
        return all(issubclass(one, families) for one in types)

    if all_are(str):
        return _texts if not all_are(Enum) else _textual
    if all_are(*_BOOLEANS):
        return _of_type(pa.bool_())
    if all_are(*_DURATIONS):
        return _durations
    # Python counts flags among the integers, and numpy counts durations among them.
    if not any(issubclass(one, (*_BOOLEANS, *_DURATIONS)) for one in types):
        if all_are(*_INTEGERS):
            return _integers
        if all_are(*_INTEGERS, *_FLOATS, Decimal):
            return _floats if any(issubclass(one, _FLOATS) for one in types) else _decimals
    if all_are(*_MOMENTS, date):
        return _moments if any(issubclass(one, _MOMENTS) for one in types) else _of_type(pa.date32())
    if all_are(time):
        return _times
    if all_are(*_BYTES):
        return _bytes
    if all_are(*STRUCTURES):
        return _structures
    return _textual if all_are(*_TEXTUAL) else _mixed


def _of_type(kind: pa.DataType) -> Callable[[str, np.ndarray], Read]:
    return lambda name, values: Read(pa.array(values, kind), [])


def _texts(name: str, values: np.ndarray) -> Read:
    try:
        return Read(pa.array(values, pa.large_string()), [])
    except UnicodeEncodeError:
        pass
    bad_rows = []
    values = values.copy()
    for row, value in enumerate(values):
        if value is not None and not value.isascii():
            whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if whole != value:
                bad_rows.append(row)
                values[row] = whole
    warning = (
        f"column `{name}`: {len(bad_rows)} text(s) had a broken character, replaced by `\ufffd` "
        f"(first in row {bad_rows[0] + 1})"
    )
    return Read(pa.array(values, pa.large_string()), [warning])


def _integers(name: str, values: np.ndarray) -> Read:
    try:
        return Read(pa.array(values, pa.int64()), [])
    except (OverflowError, pa.ArrowInvalid):
        pass
    row, longest = max(
        ((row, value) for row, value in enumerate(values) if value is not None), key=lambda pair: abs(pair[1])
    )
    # math.log10 rather than len(str(…)): Python refuses to print more than 4,300 digits.
    if abs(longest) < 10**_DECIMAL_DIGITS_MAX:
        kind = pa.decimal128(38) if abs(longest) < 10**38 else pa.decimal256(_DECIMAL_DIGITS_MAX)
        integers = [None if value is None else int(value) for value in values]
        warning = f"column `{name}` holds integers above 64 bits (row {row + 1}): written as numeric"
        return Read(pa.array(integers, kind), [warning])
    digits = math.floor(math.log10(abs(longest))) + 1
    warning = f"column `{name}` holds an integer of {digits} digits (row {row + 1}): written as text"
    return _as_text(name, values, warning)


def _floats(name: str, values: np.ndarray) -> Read:
    """Whole numbers, decimals and floats together are floats: one of them is inexact already."""
    warnings = []
    for row, value in enumerate(values):
        if isinstance(value, _INTEGERS) and abs(value) > _EXACT_FLOAT_MAX:
            warnings.append(
                f"column `{name}` mixes floats with integers too long for them (row {row + 1}): rounded"
            )
            break
    floats = np.array([math.nan if value is None else _float(value) for value in values], dtype=np.float64)
    return Read(pa.array(floats, from_pandas=True), warnings)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _decimals(name: str, values: np.ndarray) -> Read:
    warnings = []
    decimals: list[Optional[Decimal]] = []
    for row, value in enumerate(values):
        decimal = None if value is None else value if isinstance(value, Decimal) else Decimal(int(value))
        if decimal is not None and not decimal.is_finite():
            if not warnings:
                warnings.append(f"column `{name}`: {decimal} in row {row + 1} is not a number, left empty")
            decimal = None
        decimals.append(decimal)
    try:
        return Read(pa.array(decimals), warnings)
    except (pa.ArrowInvalid, OverflowError):
        warning = f"column `{name}` holds decimals of more than {_DECIMAL_DIGITS_MAX} digits: written as text"
        return _as_text(name, np.array(decimals, dtype=object), warning, warnings)


def _moments(name: str, values: np.ndarray) -> Read:
    """Dates and instants together: instants. With time zones: one instant each, in UTC."""
    moments: list[Optional[datetime]] = []
    with_zone = without_zone = None
    for row, value in enumerate(values):
        if value is None:
            moments.append(None)
            continue
        moment = value if isinstance(value, datetime) else _moment(value)
        if moment.tzinfo is None:
            without_zone = row if without_zone is None else without_zone
        else:
            with_zone = row if with_zone is None else with_zone
        moments.append(moment)
    if with_zone is None:
        return Read(pa.array(moments, pa.timestamp("us")), [])
    warnings = []
    if without_zone is not None:
        warnings.append(
            f"column `{name}` mixes instants with a time zone (row {with_zone + 1}) and without "
            f"(row {without_zone + 1}): the latter taken as UTC"
        )
    return Read(pa.array(moments, pa.timestamp("us", "UTC")), warnings)


def _moment(value: Any) -> datetime:
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return pd.Timestamp(value)


def _durations(name: str, values: np.ndarray) -> Read:
    try:
        durations = [None if value is None else pd.Timedelta(value).to_timedelta64() for value in values]
        return Read(pa.array(np.array(durations, dtype="timedelta64[us]"), from_pandas=True), [])
    except (OverflowError, ValueError):
        return _as_text(name, values, f"column `{name}` holds a duration too long to be one: written as text")


def _times(name: str, values: np.ndarray) -> Read:
    for row, value in enumerate(values):
        if value is not None and value.tzinfo is not None:
            warning = f"column `{name}` holds a time of day with a time zone (row {row + 1}): written as text"
            return _as_text(name, values, warning)
    return Read(pa.array(values, pa.time64("us")), [])


def _bytes(name: str, values: np.ndarray) -> Read:
    return Read(
        pa.array([None if value is None else bytes(value) for value in values], pa.large_binary()), []
    )


def _structures(name: str, values: np.ndarray) -> Read:
    texts = [None if value is None else _json(name, row, value) for row, value in enumerate(values)]
    return Read(pa.array(texts, pa.large_string()), [], JSONB)


def _textual(name: str, values: np.ndarray) -> Read:
    return _as_text(name, values, None)


def _mixed(name: str, values: np.ndarray) -> Read:
    """Nothing better than text holds them all: it is written, and said with an example of each kind."""
    first_rows: dict[str, int] = {}
    for row, value in enumerate(values):
        if value is not None:
            first_rows.setdefault(type(value).__name__, row)
    examples = ", ".join(f"{kind} in row {row + 1}" for kind, row in list(first_rows.items())[:4])
    verb = "mixes kinds of values" if len(first_rows) > 1 else "holds objects without a type in PostgreSQL"
    return _as_text(name, values, f"column `{name}` {verb} ({examples}): written as text")


def _as_text(
    name: str, values: np.ndarray, warning: Optional[str], earlier: Optional[list[str]] = None
) -> Read:
    texts = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        texts[row] = None if value is None else _text(name, row, value)
    read = _texts(name, texts)
    return Read(read.array, [*(earlier or []), *([warning] if warning else []), *read.warnings])


def _text(name: str, row: int, value: Any) -> str:
    if isinstance(value, _TABLES):
        raise PennyError(
            f"Column `{name}`, row {row + 1}: the cell holds a whole {type(value).__name__}, not a value.",
            "hint: publish it as a table of its own, or turn it into a list with .tolist().",
        )
    if isinstance(value, STRUCTURES):
        return _json(name, row, value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, _BYTES):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= 10**4000:
        return str(Decimal(value))
    try:
        return str(value)
    except Exception as error:  # Whatever the object's own code raises.
        raise PennyError(
            f"Column `{name}`, row {row + 1}: the {type(value).__name__} has no text: {error}"
        ) from None


def _json(name: str, row: int, value: Any) -> str:
    try:
        return json_text(value)
    except Exception as error:  # A loop, or whatever an object's own code raises.
        reason = "it contains itself" if isinstance(error, RecursionError) else str(error)
        raise PennyError(
            f"Column `{name}`, row {row + 1}: the {type(value).__name__} has no JSON: {reason}."
        ) from None
