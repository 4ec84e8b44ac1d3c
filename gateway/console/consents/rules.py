"""When a word on a purpose cannot be taken, and whose consent telling of an event takes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import Conflict, Unseen
from shared.fields import RESIDENTS


@dataclass(kw_only=True, eq=False)
class PurposeUnseen(Unseen):
    """No application of this name asks for consent."""

    type = "purpose-unseen"
    title = "该应用不征求同意"
    title_en = "No such purpose"
    detail = "没有名为 {application} 且须征求居民同意的应用。须同意的用途见 GET /v1/console/purposes。"
    detail_en = "No application {application} asks residents for consent. GET /v1/console/purposes lists those that do."

    application: str


@dataclass(kw_only=True, eq=False)
class NoticeChanged(Conflict):
    """The notice has another version than the one that was read."""

    type = "notice-changed"
    title = "告知内容已更新"
    title_en = "The notice has changed"
    detail = "{application} 的告知书现为第 {version} 版。请阅读后按新版本重新提交。"
    detail_en = "The notice of {application} is at version {version} now. Read it, and send that version."

    application: str
    version: int


@dataclass(kw_only=True, eq=False)
class NoConsent(Conflict):
    """There is nothing to withdraw."""

    type = "no-consent"
    title = "没有可撤回的同意"
    title_en = "No consent"
    detail = "{application} 没有您现行的同意，无需撤回。"
    detail_en = "{application} has no consent of yours to withdraw."

    application: str


def residents_in(data: Mapping[str, Any]) -> list[uuid.UUID]:
    """Return the residents that an event names."""
    return [uuid.UUID(data[name]) for name in sorted(RESIDENTS & data.keys()) if data[name]]
