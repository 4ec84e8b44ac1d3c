"""What the gateway is told, as data: one document per kind and name, checked here before it is ever in force.

The console changes these documents, by two persons; the gateway reads them (`gateway.snapshot`).
"""

import re
import uuid
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from gateway.data_sets import columns_of
from gateway.events import SUBSCRIBABLE
from gateway.routes import ROUTES
from shared.clock import Moment
from shared.fields import PRINTABLE, AreaPrefix, Level

OPERATIONS = frozenset(route.operation for route in ROUTES)
ROLE_OF_CLASS = {
    "government": "official",
    "operator": "operator",
    "merchant": "merchant",
    "device": "device",
    "mini-app": "mini-app",
}
READ_ONLY = "read-only"
_WEBHOOK = r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-~]*)?$"
_BASE_URL = r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?$"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)]
ApplicationName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$")]
ApplicationClass = Literal["government", "operator", "merchant", "device", "mini-app"]
Shelf = Literal["catalogued", "published", "on-shelf", "off-shelf"]
GrantedLevel = Annotated[
    Literal["L1", "L2", "L3"], Field(description="可见的数据级别，以上者脱敏 / data above this level is masked")
]
Dialect = Literal["x-bg-hmac", "x-hmac-auth", "x-ca", "rfc9421-sha256", "rfc9421-sm3"]


class Document(BaseModel):
    """What all documents have in common: nothing unknown is in them, and nobody alters one that is in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_operation(value: str) -> str:
    if value not in OPERATIONS:
        raise ValueError("没有此接口；写法如 POST /v1/points/deeds / no such operation; write METHOD and template")
    return value


class Grant(Document):
    """The right to one operation, in one area, for a time."""

    operation: str = Field(examples=["POST /v1/points/deeds"], description="方法与路径模板 / method and template")
    prefix: AreaPrefix = Field(description="行政区划前缀 / within this area")
    until: Moment | None = None
    level: GrantedLevel = "L1"

    _operation_is_known = field_validator("operation")(_known_operation)

    def is_live(self, now: datetime) -> bool:
        """Tell whether it still holds."""
        return self.until is None or now < self.until


class Application(Document):
    """An application 应用: who owns it, what for, until when, and what it may call. Denied by default."""

    kind: ApplicationClass
    owner: Line = Field(description="责任单位 / the organisation that answers for it")
    provider_id: uuid.UUID | None = Field(default=None, description="服务提供商，入黑名单则停用 / stops when debarred")
    purpose: Line
    consent_version: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="用途须征得居民同意时，告知书的版本 / set where residents must agree: of the notice"
    )
    expires_at: Moment
    shelf: Shelf = Field(default="catalogued", description="编目→发布→上架 / only one on the shelf may call")
    dialects: Annotated[tuple[Dialect, ...], Field(min_length=1)]
    grants: Annotated[tuple[Grant, ...], Field(max_length=200)] = ()
    developers: Annotated[tuple[Line, ...], Field(max_length=50)] = Field(
        default=(), description="可在开发者门户管理密钥的账号 / accounts that look after its keys in the portal"
    )
    sm2_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")] | None = Field(
        default=None, description="SM2 公钥，数据包加密给它 / data packages are encrypted to it"
    )
    calls_per_day_max: Annotated[int, Field(ge=1)] | None = None
    calls_per_month_max: Annotated[int, Field(ge=1)] | None = None

    def may_call_until(self, listed: Container[uuid.UUID], debarred: Mapping[uuid.UUID, datetime]) -> datetime | None:
        """Return until when it may call, and be told of events; nothing when it may not at all.

        Args:
            listed: The providers on the white list.
            debarred: From when those on the black list are.
        """
        if self.shelf != "on-shelf" or (self.provider_id and self.provider_id not in listed):
            return None
        debarred_from = debarred.get(self.provider_id) if self.provider_id else None
        return min(self.expires_at, debarred_from or self.expires_at)


def subject_of(application: str) -> str:
    """Return the subject that an application calls as."""
    return f"application:{application}"


def _known_types(value: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := set(value) - SUBSCRIBABLE.keys():
        raise ValueError(f"没有此类事件 / no such event: {', '.join(sorted(unknown))}")
    return value


class Subscription(Document):
    """A subscription 订阅 of an application: what happens in an area is told at its address, masked above its level."""

    application: ApplicationName
    url: Annotated[str, StringConstraints(pattern=_WEBHOOK, max_length=500)] = Field(
        description="须为公网地址；只有运营方自有网络可用 http / public, or in a network of the operator's own"
    )
    types: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    prefix: AreaPrefix = Field(description="行政区划前缀 / within this area")
    level: GrantedLevel = "L1"

    _types_are_known = field_validator("types")(_known_types)


class FieldMap(Document):
    """One field of a data set, and which field of the event it is."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    title: Line
    source: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="事件字段，或 id、time；空为暂无来源，计入缺项 / none: we have no source, it is missing",
    )
    required: bool = False


class DataSet(Document):
    """An entry of the catalogue of data 数据目录: what is provided to government platforms, by whom and to whom.

    Each row is an event. The levels are those of its fields (DB33/T 2350); what is above L1 leaves masked, L4 never.
    """

    title: Line
    owner: Line = Field(description="数源单位 / who answers for the data")
    level: Level = Field(description="数据级别，即其字段的最高级别 / the highest of its fields' levels")
    share: Literal["unconditional", "conditional", "not-shared"] = Field(
        description="无条件共享、受限共享、不予共享 / share type"
    )
    basis: Line = Field(description="共享依据 / on what ground it is shared, or not")
    event: str
    prefix: AreaPrefix = Field(description="行政区划前缀 / within this area")
    fields: Annotated[tuple[FieldMap, ...], Field(min_length=1, max_length=100)]
    receivers: Annotated[tuple[ApplicationName, ...], Field(max_length=100)] = Field(
        default=(), description="受限共享的接收应用 / to whom it is shared, where that is conditional"
    )

    @model_validator(mode="after")
    def _fits_its_event(self) -> "DataSet":
        if self.event not in SUBSCRIBABLE:
            raise ValueError(f"没有此类事件 / no such event: {self.event}")
        known, names = columns_of(SUBSCRIBABLE[self.event]), [field.name for field in self.fields]
        sources = [field.source for field in self.fields if field.source]
        if strangers := sorted(set(sources) - known.keys()):
            raise ValueError(f"事件没有这些字段 / the event has no such fields: {', '.join(strangers)}")
        if len(set(names)) < len(names):
            raise ValueError("字段名称重复 / two fields have one name")
        level = max((known[source].level for source in sources), default="L1")
        if level != self.level:
            raise ValueError(f"级别应为 {level} / the highest level of its fields is {level}")
        return self

    @model_validator(mode="after")
    def _is_shared_as_its_level_allows(self) -> "DataSet":
        if self.level == "L4" and self.share != "not-shared":
            raise ValueError("L4 数据不予共享 / L4 is never shared")
        if self.level != "L1" and self.share == "unconditional":
            raise ValueError("L1 以上只能受限共享 / above L1 it is shared on conditions")
        if bool(self.receivers) != (self.share == "conditional"):
            raise ValueError(
                "受限共享须列明接收应用，其余不列 / receivers are listed where, and only where, it is conditional"
            )
        return self


class DeviceType(Document):
    """An entry of the catalogue of devices 设备目录: what such a device is, and which kinds of events it tells."""

    title: Line
    kinds: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")], ...], Field(max_length=50)
    ] = ()


class HeldRole(Document):
    """A role at an administrative prefix."""

    role: Literal["desk", "operator", "official", "merchant", "auditor", "administrator"]
    prefix: AreaPrefix


class Post(Document):
    """A post 岗位: what one account of 浙政钉 (`employee:<tenant>-<code>`) or of a company (`company:<id>`) may do."""

    roles: Annotated[tuple[HeldRole, ...], Field(min_length=1, max_length=50)]


class OperationLimit(Document):
    """How often one caller may do one operation, beside the limit of its class."""

    per_s: Annotated[float, Field(gt=0, le=10_000)]
    burst: Annotated[int, Field(ge=1, le=100_000)]


class Switch(Document):
    """An emergency switch 应急开关: `read-only`, `application:<name>` or `operation:<METHOD template>`."""

    stopped: bool


class CellServices(Document):
    """A cell 单元: where the services of a district are. Its name is the prefix of the area that it serves."""

    services: Annotated[
        dict[Literal["points", "scenarios", "operations"], Annotated[str, StringConstraints(pattern=_BASE_URL)]],
        Field(min_length=1),
    ]


KINDS: dict[str, type[Document]] = {
    "application": Application,
    "cell": CellServices,
    "data-set": DataSet,
    "device-type": DeviceType,
    "limit": OperationLimit,
    "post": Post,
    "subscription": Subscription,
    "switch": Switch,
}
Kind = Literal["application", "cell", "data-set", "device-type", "limit", "post", "subscription", "switch"]


class Named(BaseModel):
    """A document's kind and name, which belong together."""

    kind: Kind
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]

    @field_validator("name")
    @classmethod
    def _fits_its_kind(cls, name: str, info: ValidationInfo) -> str:
        fits = {
            "application": _is_application_name,
            "cell": _is_district_or_within,
            "data-set": _is_application_name,
            "device-type": _is_application_name,
            "limit": (OPERATIONS | {"address"}).__contains__,
            "post": _is_holder,
            "subscription": _is_application_name,
            "switch": _is_switch_name,
        }
        if (kind := info.data.get("kind")) and not fits[kind](name):
            raise ValueError("名称与类别不符 / this kind has other names")
        return name


def _is_application_name(name: str) -> bool:
    return all(part.isascii() and part.isalnum() and part.islower() | part.isdigit() for part in name.split("-"))


def _is_district_or_within(name: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?", name))


def _is_holder(name: str) -> bool:
    kind, _, account = name.partition(":")
    return kind in {"employee", "company"} and bool(account) and account.isascii() and " " not in account


def _is_switch_name(name: str) -> bool:
    what, _, which = name.partition(":")
    return name == READ_ONLY or (
        _is_application_name(which) if what == "application" else what == "operation" and which in OPERATIONS
    )
