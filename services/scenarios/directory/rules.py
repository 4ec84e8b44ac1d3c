"""A community's services as records of the Human Services Data Specification, HSDS 3.0.

An organization is a community; a service is a facility of the 一老一小 set or a space that can be booked, in one
location. No person is named, and what the platform does not know is left out: HSDS knows no null.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.scenarios.catalogue.rules import ONE_OLD_ONE_YOUNG, FacilityKind
from services.scenarios.spaces.rules import Opening
from shared.errors import Unseen

Record = dict[str, Any]

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/"
CHINA_UTC_OFFSET = 8
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TAXONOMY_ID = uuid.UUID("5b1f6a1e-90c3-5d3a-8f0e-3c5f1d0a7e21")
TAXONOMY: Record = {
    "id": str(TAXONOMY_ID),
    "name": "一老一小",
    "description": "未来社区“一老一小”服务场景的六类设施 / six kinds of facilities for the old and the young",
}
_ORGANIZATION = "8000" * 2 + "0" * 12  # makes a UUID of version 8, for what is one's own (RFC 9562), of a 12-digit code


@dataclass(kw_only=True, eq=False)
class NotListed(Unseen):
    """The directory has no such record."""

    type = "not-listed"
    title = "目录中没有此记录"
    title_en = "Not in the directory"
    detail = "服务目录中没有编号为 {record_id} 的记录，请从列表中选择。"
    detail_en = "The directory has no record {record_id}; choose one from its lists."

    record_id: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a service costs, in fen, and for whom it is free."""

    fen_per_hour: int
    fen_cap: int
    free_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A service of a community.

    Attributes:
        kind: Which facility of the 一老一小 set it is, if it is one.
        location_id: The space in which it is; without a space, the service's own id.
        status: One of HSDS's words: `active`, `inactive`, `temporarily closed`.
    """

    id: uuid.UUID
    community_code: str
    community: str
    name: str
    kind: FacilityKind | None
    location_id: uuid.UUID
    openings: tuple[Opening, ...]
    status: str
    tariff: Tariff | None


def organization_id(community_code: str) -> uuid.UUID:
    """Return the id under which a community is listed; its hexadecimal digits begin with the code."""
    return uuid.UUID(community_code + _ORGANIZATION)


def community_of(organization: uuid.UUID) -> str | None:
    """Return the code of the community with this id, if it is of a community."""
    code = organization.hex.removesuffix(_ORGANIZATION)
    return code if code != organization.hex and code.isdecimal() else None


def organization(community_code: str, name: str) -> Record:
    """Return a community as an organization."""
    return {
        "id": str(organization_id(community_code)),
        "name": name,
        "description": f"{name}（{community_code}）的社区服务 / services of the community",
        "organization_identifiers": [
            {
                "id": str(uuid.uuid5(organization_id(community_code), "code")),
                "organization_id": str(organization_id(community_code)),
                "identifier_type": "统计用区划代码 / statistical area code",
                "identifier": community_code,
            }
        ],
    }


def service(listing: Listing) -> Record:
    """Return a service as lists show it: only what it has one of."""
    listed: Record = {
        "id": str(listing.id),
        "organization_id": str(organization_id(listing.community_code)),
        "name": listing.name,
        "description": _description(listing),
        "status": listing.status,
        "organization": _one_to_one(organization(listing.community_code, listing.community)),
    }
    if listing.tariff:
        listed["fees_description"] = _fees(listing.tariff)
    return listed


def nested_service(listing: Listing) -> Record:
    """Return a service with all that belongs to it."""
    return {
        **service(listing),
        "organization": organization(listing.community_code, listing.community),
        "schedules": schedules(listing),
        "service_at_locations": [_at_location(listing)],
        "cost_options": _cost_options(listing),
        "attributes": _attributes(listing),
    }


def service_at_location(listing: Listing) -> Record:
    """Return a service where it is, with the place and the times."""
    return {**_at_location(listing), "schedules": schedules(listing)}


def _at_location(listing: Listing) -> Record:
    return {
        "id": str(uuid.uuid5(listing.id, str(listing.location_id))),
        "service_id": str(listing.id),
        "location_id": str(listing.location_id),
        "location": {"id": str(listing.location_id), "location_type": "physical", "name": listing.name},
    }


def schedules(listing: Listing) -> list[Record]:
    """Return the weekly times of opening, one record for all days with the same hours; times carry China's offset."""

    def hours(opening: Opening) -> tuple[int, int]:
        return opening.opens_minute, opening.closes_minute

    ordered = sorted(listing.openings, key=lambda opening: (*hours(opening), opening.weekday))
    return [
        {
            "id": str(uuid.uuid5(listing.id, f"{opens}-{closes}")),
            "service_id": str(listing.id),
            "freq": "WEEKLY",
            "byday": ",".join(WEEKDAYS[opening.weekday - 1] for opening in same),
            "timezone": CHINA_UTC_OFFSET,
            "opens_at": _time(opens),
            "closes_at": _time(closes),
        }
        for (opens, closes), same in groupby(ordered, hours)
    ]


def taxonomy_term(kind: FacilityKind) -> Record:
    """Return a kind of facility as a term of the taxonomy."""
    return {
        "id": str(_term_id(kind)),
        "code": kind,
        "name": ONE_OLD_ONE_YOUNG[kind],
        "description": f"{ONE_OLD_ONE_YOUNG[kind]} / {kind}",
        "language": "zh",
        "taxonomy_id": str(TAXONOMY_ID),
        "taxonomy_detail": TAXONOMY,
    }


def kind_of(term_id: uuid.UUID) -> FacilityKind | None:
    """Return the kind of facility that a term stands for, if it stands for one."""
    return next((kind for kind in ONE_OLD_ONE_YOUNG if _term_id(kind) == term_id), None)


def page_of(contents: Sequence[Mapping[str, Any]], total: int, page: int, per_page: int) -> Record:
    """Return a page of a list as HSDS numbers them, from 1."""
    pages = -(-total // per_page)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": list(contents),
    }


def _one_to_one(record: Record) -> Record:
    return {key: value for key, value in record.items() if not isinstance(value, list)}


def _term_id(kind: str) -> uuid.UUID:
    return uuid.uuid5(TAXONOMY_ID, kind)


def _description(listing: Listing) -> str:
    what = ONE_OLD_ONE_YOUNG[listing.kind] if listing.kind else "可预约空间 / bookable space"
    return f"{listing.community} · {what}"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def _fees(tariff: Tariff) -> str:
    fees = f"每小时 {_yuan(tariff.fen_per_hour)} 元，每次最高 {_yuan(tariff.fen_cap)} 元"
    return f"{fees}；免费对象：{'、'.join(tariff.free_for)}" if tariff.free_for else fees


def _cost_options(listing: Listing) -> list[Record]:
    if listing.tariff is None:
        return []
    return [
        {
            "id": str(uuid.uuid5(listing.id, "per hour")),
            "service_id": str(listing.id),
            "option": "每小时 / per hour",
            "currency": "CNY",
            "amount": listing.tariff.fen_per_hour / 100,  # HSDS counts in whole units of the currency
            "amount_description": _fees(listing.tariff),
        }
    ]


def _attributes(listing: Listing) -> list[Record]:
    if listing.kind is None:
        return []
    return [
        {
            "id": str(uuid.uuid5(listing.id, listing.kind)),
            "link_id": str(listing.id),
            "link_entity": "service",
            "taxonomy_term_id": str(_term_id(listing.kind)),
            "taxonomy_term": taxonomy_term(listing.kind),
        }
    ]


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}+08:00"
