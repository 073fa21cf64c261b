"""From a DataFrame to an Arrow stream.

Each column's type is settled on the whole frame, then the rows follow in batches.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import BinaryIO, Callable, Iterator, NamedTuple, Optional

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .errors import PennyError
from .names import column_names
from .objects import read_objects

_BATCH_ROWS = 32_768
_BATCH_BYTES_MAX = 16 * 1024 * 1024

Slice = Callable[[int, int], pa.Array]


class Column(NamedTuple):
    """One column: its Arrow field, how to get its rows `start..stop`, and the remarks about it."""

    field: pa.Field
    rows: Slice
    warnings: list[str]

    def rows_of_batch(self, start: int, stop: int) -> pa.Array:
        """The rows `start..stop`, a value that has no place in the column being an error with its place."""
        with _naming(self.field.name, self.field.type, f", rows {start + 1} to {stop}"):
            return self.rows(start, stop)


class Outgoing:
    """A DataFrame ready to be sent; its schema carries the remarks, and the number of rows to expect."""

    def __init__(self, frame: pd.DataFrame, warnings: Optional[list[str]] = None):
        names = column_names(frame.columns)
        if not names:
            raise PennyError("The DataFrame has no columns, so there is no table to publish.")
        self.rows = len(frame)
        self.columns = []
        for position, name in enumerate(names):
            series = frame.iloc[:, position]
            with _naming(name, series.dtype):
                self.columns.append(column(name, series))
        self.warnings = [*(warnings or []), *(text for one in self.columns for text in one.warnings)]
        self.schema = pa.schema([one.field for one in self.columns], metadata=self._metadata())

    def _metadata(self) -> dict[str, str]:
        metadata = {"penny.rows": str(self.rows)}
        if self.warnings:
            metadata["penny.warnings"] = json.dumps(self.warnings, ensure_ascii=False)
        return metadata

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order, in batches bounded in rows and, as far as a single row allows, in bytes."""
        for start in range(0, self.rows, _BATCH_ROWS):
            stop = min(start + _BATCH_ROWS, self.rows)
            arrays = [one.rows_of_batch(start, stop) for one in self.columns]
            yield from _split(pa.RecordBatch.from_arrays(arrays, schema=self.schema))

    def write(self, pipe: BinaryIO) -> None:
        """Writes the whole Arrow IPC stream, the mark of its end included."""
        with pa.ipc.new_stream(pipe, self.schema) as writer:
            for batch in self.batches():
                writer.write_batch(batch)


@contextmanager
def _naming(name: str, kind: object, place: str = "") -> Iterator[None]:
    """What pandas and pyarrow refuse, they refuse without a word about where it is."""
    try:
        yield
    except (pa.ArrowException, ArithmeticError, TypeError, ValueError) as error:
        raise PennyError(f"Column `{name}` ({kind}){place} cannot be published: {error}") from None


def _split(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    pieces = -(-batch.nbytes // _BATCH_BYTES_MAX) or 1
    rows = -(-batch.num_rows // pieces) or 1
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def column(name: str, series: pd.Series) -> Column:
    """Settles how a column is sent, by its dtype."""
    dtype = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        return column(name, series.sparse.to_dense())
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(name, series)
    if isinstance(dtype, (pd.PeriodDtype, pd.IntervalDtype)) or dtype.kind == "c":
        return _texts(name, series)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _direct(name, series.dt.tz_convert("UTC"))
    if isinstance(dtype, pd.ArrowDtype):
        return _arrow(name, series)
    if dtype.kind == "M":
        return _moments(name, series)
    if _is_plain(dtype):
        return _direct(name, series)
    return _objects(name, series)


def _is_plain(dtype) -> bool:
    """Whether pyarrow takes the column as it is, without a look at each value."""
    if isinstance(dtype, pd.StringDtype):
        return dtype.storage != "python"
    if isinstance(dtype, np.dtype):
        return dtype.kind in "bium" or (dtype.kind == "f" and dtype.itemsize <= 8)
    return dtype.kind in "biuf"  # pandas' own nullable numbers


def _column(name: str, rows: Slice, warnings: Optional[list[str]] = None, metadata=None) -> Column:
    return Column(pa.field(name, rows(0, 0).type, metadata=metadata), rows, warnings or [])


def _direct(name: str, series: pd.Series, kind: Optional[pa.DataType] = None) -> Column:
    return _column(name, lambda start, stop: _array(series.iloc[start:stop], kind))


def _array(part: pd.Series, kind: Optional[pa.DataType]) -> pa.Array:
    array = pa.array(part, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    return array if kind is None else array.cast(kind)


def _moments(name: str, series: pd.Series) -> Column:
    """A column whose instants are all midnight holds days, and becomes a date.

    pandas has no type for a day alone, so that dates arrive here as instants.
    """
    return _direct(name, series, pa.date32() if _holds_days(pa.array(series, from_pandas=True)) else None)


def _holds_days(array: pa.Array) -> bool:
    if array.null_count == len(array):
        return False
    return pc.all(pc.equal(array, pc.floor_temporal(array, unit="day"))).as_py()


def _texts(name: str, series: pd.Series) -> Column:
    return _objects(name, series.astype(str).astype(object).where(series.notna(), None))


def _categories(name: str, series: pd.Series) -> Column:
    if series.cat.categories.empty:
        return _column(name, lambda start, stop: pa.nulls(len(series.iloc[start:stop])))
    values = column(name, pd.Series(series.cat.categories))
    if values.warnings:
        return _objects(name, series.astype(object))  # Remarks name rows, not categories.
    choices = values.rows(0, len(series.cat.categories))
    codes = series.cat.codes.to_numpy()

    def rows(start: int, stop: int) -> pa.Array:
        part = codes[start:stop]
        return choices.take(pa.array(part, mask=part < 0))

    return _column(name, rows, values.warnings, values.field.metadata)


def _arrow(name: str, series: pd.Series) -> Column:
    kind = series.dtype.pyarrow_dtype
    types = pa.types
    if types.is_dictionary(kind):
        return column(name, series.astype(pd.ArrowDtype(kind.value_type)))
    if types.is_timestamp(kind) and kind.tz is None:
        return _moments(name, series)
    simple = (
        types.is_primitive(kind),
        types.is_decimal(kind),
        types.is_null(kind),
        types.is_string(kind),
        types.is_large_string(kind),
        types.is_binary(kind),
        types.is_large_binary(kind),
    )
    return _direct(name, series) if any(simple) else _objects(name, series)


def _objects(name: str, series: pd.Series) -> Column:
    read = read_objects(name, series.to_numpy(dtype=object))
    array = read.array
    if pa.types.is_timestamp(array.type) and array.type.tz is None and _holds_days(array):
        array = array.cast(pa.date32())
    return _column(name, lambda start, stop: array.slice(start, stop - start), read.warnings, read.metadata)
