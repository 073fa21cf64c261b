"""Filters and parameters of the API, from what is natural in Python to Pennylane's own form."""

from __future__ import annotations

import json
import numbers
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from .errors import PennyError

_OPERATORS = {
    "==": "eq",
    "=": "eq",
    "!=": "not_eq",
    "<": "lt",
    "<=": "lteq",
    ">": "gt",
    ">=": "gteq",
    "in": "in",
    "not in": "not_in",
    "startswith": "start_with",
}
_PENNYLANE_OPERATORS = ("eq", "not_eq", "lt", "lteq", "gt", "gteq", "in", "not_in", "start_with")
# An argument of a program has a limit (Windows: 32,767 characters for all of them together).
_FILTER_CHARACTERS_MAX = 30_000


def filter_text(conditions: Any) -> str:
    """Pennylane's filter: a JSON list of {field, operator, value}.

    Takes one condition or a list of them, each a tuple (field, operator, value) or a dict.
    """
    if isinstance(conditions, dict) or _is_triple(conditions):
        conditions = [conditions]
    if not isinstance(conditions, (list, tuple)):
        raise PennyError(f"A filter looks like ('date', '>=', '2026-01-01'), not {conditions!r}.")
    text = json.dumps([_condition(condition) for condition in conditions], ensure_ascii=False)
    if len(text) > _FILTER_CHARACTERS_MAX:
        raise PennyError(
            f"The filter is {len(text)} characters long; the limit is {_FILTER_CHARACTERS_MAX}.",
            "hint: ask for fewer values at a time, and put the answers together with pd.concat.",
        )
    return text


def argument_text(value: Any, name: str) -> str:
    """One parameter of a list, as it stands in the address: dates, numbers, texts, true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    value = _plain(value, name)
    if value is None or isinstance(value, list):
        raise PennyError(f"The parameter `{name}` is one text, number or date, not {value!r}.")
    return str(value).lower() if isinstance(value, bool) else str(value)


def moment_text(value: Any, name: str) -> str:
    """An instant in UTC as RFC 3339; what says no time zone is taken as UTC."""
    try:
        moment = pd.Timestamp(value)
    except (TypeError, ValueError):
        moment = pd.NaT
    if moment is pd.NaT:
        raise PennyError(f"`{name}` is an instant such as '2026-01-31T08:00:00Z', not {value!r}.")
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _is_triple(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 3 and all(isinstance(v, str) for v in value[:2])


def _condition(condition: Any) -> dict[str, Any]:
    if isinstance(condition, dict) and set(condition) == {"field", "operator", "value"}:
        field, operator, value = condition["field"], condition["operator"], condition["value"]
    elif _is_triple(condition):
        field, operator, value = condition
    else:
        raise PennyError(
            f"A condition of a filter looks like ('date', '>=', '2026-01-01'), not {condition!r}."
        )
    wanted = _OPERATORS.get(operator, operator)
    if wanted not in _PENNYLANE_OPERATORS:
        raise PennyError(
            f"The filter on `{field}` has the unknown operator {operator!r}.",
            f"hint: use one of {' '.join(_OPERATORS)}.",
        )
    value = _plain(value, field)
    if (wanted in ("in", "not_in")) != isinstance(value, list):
        wants = "a list of values" if wanted in ("in", "not_in") else "a single value"
        raise PennyError(f"The filter on `{field}` with {operator!r} takes {wants}, not {value!r}.")
    return {"field": field, "operator": wanted, "value": value}


def _plain(value: Any, name: str) -> Any:
    """A value that JSON can hold, numbers and dates being what they say."""
    if isinstance(value, (list, tuple, set, frozenset, range)) or (
        hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1
    ):
        return [_plain(item, name) for item in value]
    if isinstance(value, (str, bool)):
        return value
    if value is None or value is pd.NA or value != value:  # NaN and NaT differ from themselves.
        raise PennyError(f"The value for `{name}` is missing ({value!r}).")
    if isinstance(value, datetime):
        return _day_or_moment(value, name)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if hasattr(value, "item"):  # A number, date or flag of numpy.
        item = value.item()
        return _plain(
            pd.Timestamp(value) if isinstance(item, (date, int)) and value.dtype.kind == "M" else item, name
        )
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise PennyError(f"The value for `{name}` is a text, number, date or list, not {value!r}.")


def _day_or_moment(value: datetime, name: str) -> str:
    is_day = value.tzinfo is None and value == datetime(value.year, value.month, value.day)
    return value.strftime("%Y-%m-%d") if is_day else moment_text(value, name)
