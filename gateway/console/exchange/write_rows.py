"""Write rows as JSON lines, CSV (RFC 4180) or Parquet; the same rows make the same bytes."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from arro3.core import Array, DataType, Field, Schema, Table
from arro3.io import write_parquet

from gateway.console.exchange.rules import ExportFormat, Row
from gateway.data_sets import Column, Form
from shared.clock import CHINA

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _as_text(form: Form, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value of JSON; a time as GB/T 7408 has it, at +08:00."""
    return _moment(value).astimezone(CHINA).isoformat() if form == "time" and value is not None else value


def _json_lines(columns: Mapping[str, Column], rows: Sequence[Row]) -> bytes:
    lines = ({name: _as_text(column.form, row[name]) for name, column in columns.items()} for row in rows)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _cell(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv(columns: Mapping[str, Column], rows: Sequence[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(_as_text(c.form, row[name])) for name, c in columns.items()] for row in rows)
    return file.getvalue().encode()


_ARROW: Mapping[Form, DataType] = {
    "number": DataType.int64(),
    "yes-no": DataType.bool(),
    "time": DataType.timestamp("us", tz="UTC"),
}


def _array(form: Form, values: Sequence[Any]) -> Array:
    if form == "time":
        since = [None if value is None else (_moment(value) - _EPOCH) // _MICROSECOND for value in values]
        return Array(since, DataType.int64()).cast(_ARROW[form])
    if form in _ARROW:
        return Array(values, _ARROW[form])
    return Array([None if value is None else _cell(value) for value in values], DataType.utf8())


def _parquet(columns: Mapping[str, Column], rows: Sequence[Row]) -> bytes:
    schema = Schema([Field(name, _ARROW.get(column.form, DataType.utf8())) for name, column in columns.items()])
    arrays = [_array(column.form, [row[name] for row in rows]) for name, column in columns.items()]
    file = io.BytesIO()
    write_parquet(Table.from_arrays(arrays, schema=schema), file, compression="snappy")
    return file.getvalue()


_WRITERS: Mapping[ExportFormat, Callable[[Mapping[str, Column], Sequence[Row]], bytes]] = {
    "jsonl": _json_lines,
    "csv": _csv,
    "parquet": _parquet,
}


def write_rows(form: ExportFormat, columns: Mapping[str, Column], rows: Sequence[Row]) -> bytes:
    """Return the rows as a file of UTF-8 or Parquet; what is missing is null, in CSV empty."""
    return _WRITERS[form](columns, rows)
