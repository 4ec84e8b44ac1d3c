"""Which secret of an application may be made or retired."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.errors import Conflict, Unseen

PLACES = (1, 2)


@dataclass(kw_only=True, eq=False)
class ApplicationUnseen(Unseen):
    """No such application is registered."""

    type = "application-unseen"
    title = "没有此应用"
    title_en = "No such application"
    detail = "没有登记应用 {application}。请先提交登记并由另一人复核。"
    detail_en = "No application {application} is registered. Propose it, and let a second person approve."

    application: str


@dataclass(kw_only=True, eq=False)
class BothPlacesTaken(Conflict):
    """Two secrets live already."""

    type = "secrets-full"
    title = "已有两个有效密钥"
    title_en = "Two secrets live already"
    detail = "应用 {application} 已有两个有效密钥。请先停用一个旧密钥，再生成新的。"
    detail_en = "The application {application} has two live secrets. Retire the old one, then make a new one."

    application: str


@dataclass(kw_only=True, eq=False)
class SecretUnseen(Unseen):
    """There is no secret in this place."""

    type = "secret-unseen"
    title = "没有此密钥"
    title_en = "No such secret"
    detail = "应用 {application} 的位置 {place} 没有密钥。"
    detail_en = "The application {application} has no secret in place {place}."

    application: str
    place: int


def free_place(application: str, taken: Collection[int]) -> int:
    """Return the place for a new secret.

    Raises:
        BothPlacesTaken: There is none.
    """
    free = [place for place in PLACES if place not in taken]
    if not free:
        raise BothPlacesTaken(application=application)
    return free[0]
