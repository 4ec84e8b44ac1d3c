"""Who gets a data set, and what an event is in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gateway.data_sets import Column, columns_of
from gateway.disclosure import hidden
from gateway.events import SUBSCRIBABLE
from gateway.registry import Application, DataSet
from shared.errors import Conflict, Forbidden, Unseen

ExportFormat = Literal["jsonl", "csv", "parquet"]
GOVERNMENT = "government"
INCOMPLETE_SHOWN = 100
_NO_SOURCE = Column("text", "L1", "other")

Row = Mapping[str, Any]


@dataclass(kw_only=True, eq=False)
class DataSetUnseen(Unseen):
    """The catalogue has no such data set."""

    type = "data-set-unseen"
    title = "没有此数据集"
    title_en = "No such data set"
    detail = "数据目录中没有 {data_set}。目录见 GET /v1/console/data-sets。"
    detail_en = "The catalogue has no {data_set}. GET /v1/console/data-sets lists it."

    data_set: str


@dataclass(kw_only=True, eq=False)
class DataNotShared(Forbidden):
    """The data set is not shared with this caller."""

    type = "data-not-shared"
    title = "数据未向贵方共享"
    title_en = "Not shared with you"
    detail = "数据集 {data_set} 的共享类型为 {share}，未向贵方共享。请向数源单位 {owner} 申请。"
    detail_en = "The data set {data_set} ({share}) is not shared with you. Apply to {owner}, who answers for it."

    data_set: str
    share: str
    owner: str


@dataclass(kw_only=True, eq=False)
class ReceiverKeyMissing(Conflict):
    """The receiver has no key to encrypt to."""

    type = "receiver-key-missing"
    title = "接收应用未登记 SM2 公钥"
    title_en = "No SM2 key of the receiver"
    detail = "应用 {application} 未登记有效的 sm2_key，数据包无法加密。请由两名管理员补登。"
    detail_en = "The application {application} has no good sm2_key to encrypt to. Two administrators add it."

    application: str


def check_receiver(name: str, entry: DataSet, receiver: str, application: Application | None) -> str:
    """Return the SM2 key of an application that may have a data set.

    Raises:
        DataNotShared: It is no government platform, or the data are not shared with it.
        ReceiverKeyMissing: It has no key.
    """
    is_shared = entry.share == "unconditional" or receiver in entry.receivers
    if not (application and application.kind == GOVERNMENT and is_shared and entry.share != "not-shared"):
        raise DataNotShared(data_set=name, share=entry.share, owner=entry.owner)
    if not application.sm2_key:
        raise ReceiverKeyMissing(application=receiver)
    return application.sm2_key


def columns_in(entry: DataSet) -> dict[str, Column]:
    """Return the columns of a data set by the names that it gives them; one without a source is text."""
    known = columns_of(SUBSCRIBABLE[entry.event])
    return {field.name: known[field.source] if field.source else _NO_SOURCE for field in entry.fields}


def row_of(entry: DataSet, columns: Mapping[str, Column], event: Row, key: bytes) -> dict[str, Any]:
    """Return an event as a row of a data set, masked above L1.

    Args:
        entry: How its fields are mapped.
        columns: Of the entry.
        event: Its data, with `id` and `time` of its envelope.
        key: Of the pseudonyms that the receiver knows others by.
    """
    row = {field.name: event.get(field.source) if field.source else None for field in entry.fields}
    return {
        name: hidden(value, columns[name].mask, key) if value is not None and columns[name].level > "L1" else value
        for name, value in row.items()
    }


def missing_in(entry: DataSet, rows: Sequence[Row], ids: Iterable[str]) -> dict[str, Any]:
    """Report what is missing: of each field how many rows lack it, and which rows lack one that is required.

    Args:
        entry: Which fields there are.
        rows: What is provided.
        ids: Of their events, in the same order.
    """
    counts = {field.name: sum(_is_missing(row[field.name]) for row in rows) for field in entry.fields}
    required = [field.name for field in entry.fields if field.required]
    incomplete = [i for i, row in zip(ids, rows, strict=True) if any(_is_missing(row[name]) for name in required)]
    return {
        "fields": {name: count for name, count in counts.items() if count},
        "without_source": [field.name for field in entry.fields if field.source is None],
        "incomplete": len(incomplete),
        "incomplete_ids": incomplete[:INCOMPLETE_SHOWN],
    }


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - JSON
    return value is None or value == ""
