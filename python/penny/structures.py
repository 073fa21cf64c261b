"""Dicts and lists in a cell, as JSON text that PostgreSQL's jsonb takes."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

STRUCTURES = (dict, list, tuple, set, frozenset, np.ndarray)


def json_text(value: Any) -> str:
    """One structure as JSON. Missing values and NaN are null, dates are ISO text.

    Raises RecursionError for a structure that contains itself.
    """
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        # A set has no order of its own, and the same set has to give the same text in every run.
        return sorted(map(_plain, value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in (value if value.ndim else [value.item()])]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return pd.Timedelta(value).isoformat()
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return _plain((pd.Timestamp if isinstance(value, np.datetime64) else pd.Timedelta)(value))
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    return _text(str(value))


def _number(value: Decimal) -> Any:
    """A JSON number where it says exactly the same, else text: cents must not move."""
    if not value.is_finite():
        return None
    whole = int(value) if value == value.to_integral_value() and value.adjusted() < 400 else None
    if whole is not None:
        return whole
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


def _key(key: Any) -> str:
    key = _plain(key)
    return key if isinstance(key, str) else json.dumps(key, ensure_ascii=False)


def _text(text: str) -> str:
    """jsonb takes neither NUL nor half a surrogate pair, not even escaped."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
