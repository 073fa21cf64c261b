"""Reading: Pennylane's API and its data share, as DataFrames."""

from __future__ import annotations

from datetime import date
from typing import Any, Mapping, Optional, Union

import pandas as pd

from . import process
from .errors import PennyError, readable, warn
from .filters import argument_text, filter_text, moment_text
from .literals import substitute
from .receiving import Received, receive


@readable
def pennylane(
    resource: str,
    *,
    filter: Any = None,
    sort: Optional[str] = None,
    limit: Optional[int] = None,
    since: Union[str, date, pd.Timestamp, None] = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Lit une liste de l'API Pennylane (« customers », « transactions »…) dans un DataFrame.

    filter : ("date", ">=", "2026-01-01"), ou une liste de conditions, toutes vérifiées.
             Opérateurs : == != < <= > >= in, not in, startswith.
    sort   : une colonne, précédée de « - » pour l'ordre décroissant, par exemple "-date".
    limit  : nombre maximal de lignes.
    since  : seulement ce qui a changé depuis cet instant (quatre semaines au plus).
    Les autres paramètres sont ceux de la liste, par exemple period_start="2026-01-01".

    >>> penny.pennylane("customer_invoices", filter=("date", ">=", "2026-01-01"), limit=100)
    """
    if not isinstance(resource, str) or not resource:
        raise PennyError(f"The first argument is the name of a list such as 'customers', not {resource!r}.")
    arguments = ["fetch", resource, "--format", "arrow"]
    if filter is not None:
        arguments.append(f"--filter={filter_text(filter)}")
    if sort is not None:
        arguments.append(f"--sort={sort}")
    if limit is not None:
        arguments.append(f"--limit={_count(limit)}")
    if since is not None:
        arguments.append(f"--since={moment_text(since, 'since')}")
    for name, value in parameters.items():
        arguments.append(f"--param={name}={argument_text(value, name)}")
    return _table(process.call(arguments, read=receive))


@readable
def redshift(sql: str, params: Optional[Mapping[str, Any]] = None) -> pd.DataFrame:
    """Exécute une requête SQL sur le partage de données Pennylane et rend un DataFrame.

    params : les valeurs des %(nom)s de la requête, écrites sans guillemets autour ; « %% » pour un %.

    >>> penny.redshift(
    ...     "SELECT * FROM pennylane.general_ledger WHERE date >= %(debut)s", {"debut": "2026-01-01"}
    ... )
    """
    if not isinstance(sql, str) or not sql.strip():
        raise PennyError("The first argument is the text of a query: SELECT … FROM pennylane.<table>.")
    text = (sql if params is None else substitute(sql, params)).encode("utf-8", errors="replace")
    answer = process.call(
        ["fetch", "redshift", "--format", "arrow", "--sql", "-"],
        write=lambda pipe: pipe.write(text),
        read=receive,
    )
    return _table(answer)


def _table(answer: process.Answer) -> pd.DataFrame:
    received: Received = answer.value
    for text in dict.fromkeys([*answer.warnings, *received.warnings]):
        warn(text)
    return received.frame


def _count(limit: Any) -> int:
    if isinstance(limit, bool) or not hasattr(limit, "__index__") or limit < 0:
        raise PennyError(f"`limit` is a number of rows such as 100, not {limit!r}.")
    return limit.__index__()
