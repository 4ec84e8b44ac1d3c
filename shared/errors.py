"""Refusals: errors that carry facts and know their status, but nothing of HTTP.

A rule raises one; the edge turns it into a problem (`shared.problems`). A subclass is a keyword-only dataclass of
facts; its class attributes say what a person reads, Chinese first, with the facts filled in.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

T = TypeVar("T")


@dataclass(kw_only=True, eq=False)
class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """A command that is refused for a reason the caller can act on."""

    status: ClassVar[int]
    type: ClassVar[str]
    title: ClassVar[str]
    title_en: ClassVar[str]
    detail: ClassVar[str]
    detail_en: ClassVar[str]

    def facts(self) -> dict[str, Any]:
        """Return what the refusal is about, by name."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.type}: {self.detail_en.format(**self.facts())}"


def unless_refused(outcome: T | Refusal) -> T:
    """Return an outcome of a batch, or raise the refusal that it is."""
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


class Inadmissible(Refusal):
    """The input is well formed but cannot be accepted as it is."""

    status = 422


class Conflict(Refusal):
    """The input is fine, but the present state does not allow it."""

    status = 409


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status = 403


class Unseen(Refusal):
    """There is no such thing, or none that this caller may see."""

    status = 404


@dataclass(kw_only=True, eq=False)
class OutOfScope(Forbidden):
    """The caller holds none of the roles that this takes in this area (scope of authority is a prefix)."""

    type = "out-of-scope"
    title = "超出权限范围"
    title_en = "Out of scope"
    detail = "此操作需要在区域 {area} 内具有以下角色之一：{roles}。请用有权限的账号操作，或联系社区管理员。"
    detail_en = (
        "This takes one of the roles {roles} in area {area}. Use an account that has it, or ask its administrator."
    )

    area: str
    roles: str
