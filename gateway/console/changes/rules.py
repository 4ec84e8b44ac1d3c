"""What may be proposed, who may decide, and what a change comes to."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.registry import KINDS, Document, Switch
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen


@dataclass(kw_only=True, eq=False)
class DocumentMalformed(Inadmissible):
    """The document does not fit its kind."""

    type = "document-malformed"
    title = "配置内容不符合要求"
    title_en = "Malformed document"
    detail = "请按 errors 逐项修改后重新提交。"
    detail_en = "Mend what errors lists and propose it again."

    errors: list[dict[str, str]]


@dataclass(kw_only=True, eq=False)
class ChangeNeedless(Conflict):
    """The document in force is the same already."""

    type = "change-needless"
    title = "内容与现行配置相同"
    title_en = "Nothing would change"
    detail = "提交的内容与现行配置相同，无须变更。"
    detail_en = "The document in force says the same already."


@dataclass(kw_only=True, eq=False)
class ChangeWaiting(Conflict):
    """Another change of the same document waits for its decision."""

    type = "change-waiting"
    title = "已有待复核的变更"
    title_en = "Another change waits"
    detail = "该配置已有变更 {change_id} 待复核。请先复核或驳回它。"
    detail_en = "The change {change_id} of this document waits for a decision. Decide on it first."

    change_id: str


@dataclass(kw_only=True, eq=False)
class ChangeUnseen(Unseen):
    """There is no such change."""

    type = "change-unseen"
    title = "没有此变更"
    title_en = "No such change"
    detail = "没有变更 {change_id}。全部变更见 GET /v1/console/changes。"
    detail_en = "There is no change {change_id}. GET /v1/console/changes lists all."

    change_id: str


@dataclass(kw_only=True, eq=False)
class ChangeDecided(Conflict):
    """It has been decided on."""

    type = "change-decided"
    title = "变更已经复核"
    title_en = "Decided already"
    detail = "该变更已经有结论：{verdict}。如需再改，请另行提交。"
    detail_en = "This change is {verdict} already. Propose a new one to change it again."

    verdict: str


class SamePerson(Forbidden):
    """Nobody decides on what they proposed."""

    type = "second-person-required"
    title = "须由另一人复核"
    title_en = "A second person is required"
    detail = "提交人不能复核自己的变更。请由另一名管理员复核。"
    detail_en = "You proposed this change. Another administrator decides on it."


def read_document(kind: str, document: dict[str, Any] | None) -> Document | None:
    """Check a document against its kind; nothing stands for its removal.

    Raises:
        DocumentMalformed: It does not fit.
    """
    if document is None:
        return None
    try:
        return KINDS[kind].model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        errors = [{"at": "/" + "/".join(map(str, fault["loc"])), "what": fault["msg"]} for fault in faults]
        raise DocumentMalformed(errors=errors) from error


def holds_at_once(after: Document | None) -> bool:
    """Tell whether one person is enough for now: to stop something. The second confirms or undoes it."""
    return isinstance(after, Switch) and after.stopped


def check_decision(*, proposed_by: str, decided_by: str, verdict: str | None) -> None:
    """Refuse a decision that is not this person's to take.

    Raises:
        ChangeDecided: It was taken before.
        SamePerson: They proposed it.
    """
    if verdict is not None:
        raise ChangeDecided(verdict=verdict)
    if proposed_by == decided_by:
        raise SamePerson


def difference(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, list[Any]]:
    """Return each member that differs, as [before, after]."""
    old, new = before or {}, after or {}
    return {name: [old.get(name), new.get(name)] for name in sorted(old | new) if old.get(name) != new.get(name)}
