"""From an Arrow stream to a DataFrame with the types that an analyst expects."""

from __future__ import annotations

import json
from typing import BinaryIO, Mapping, NamedTuple, Optional

import pandas as pd
import pyarrow as pa

WARNINGS_KEY = b"penny.warnings"


class Received(NamedTuple):
    """A table, and what its sender had to remark about it."""

    frame: pd.DataFrame
    warnings: list[str]


def receive(pipe: BinaryIO) -> Received:
    """Reads one Arrow IPC stream to its end."""
    with pa.ipc.open_stream(pipe) as reader:
        table = reader.read_all()
    return Received(to_frame(table), metadata_warnings(table.schema.metadata))


def to_frame(table: pa.Table) -> pd.DataFrame:
    """The columns one by one: whole numbers stay whole, dates are dates, also without any row."""
    names = table.column_names
    columns = {}
    for position in range(table.num_columns):
        columns[position] = _series(names[position], table.column(0))
        table = table.remove_column(0)  # Each Arrow column is freed once its copy exists.
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(names, dtype=None if names else object)
    return frame


def metadata_warnings(metadata: Optional[Mapping[bytes, bytes]]) -> list[str]:
    """The sender's remarks, a JSON list in the metadata of the stream's schema."""
    text = (metadata or {}).get(WARNINGS_KEY)
    return [str(warning) for warning in json.loads(text)] if text else []


def _series(name: str, column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_date(kind):
        # A date as datetime64, in the unit of the timestamps: objects cannot be computed with.
        column = column.cast(pa.timestamp("us"))
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_null(kind):
        column = column.cast(pa.string())
    elif pa.types.is_integer(kind) and (column.null_count or _is_id(name)):
        return column.to_pandas(types_mapper={kind: _nullable(kind, name)}.get)
    elif pa.types.is_boolean(kind) and column.null_count:
        return column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get)
    return column.to_pandas()


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def _nullable(kind: pa.DataType, name: str):
    if pa.types.is_unsigned_integer(kind) and kind.bit_width == 64 and not _is_id(name):
        return pd.UInt64Dtype()
    return pd.Int64Dtype()
