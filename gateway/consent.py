"""What an application may do with a resident whose consent its purpose takes (PIPL art. 13 to 15): nothing without it.

A call names residents by `resident_id` and its like, or as a subject, in its path, query or body. Of others, whom it
does not name, such an application sees pseudonyms alone, whatever it was granted (`gateway.disclosure`).
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from gateway.authentication import Caller
from gateway.console.consents.queries import is_lacking
from gateway.contract import NotJsonError, read_json
from gateway.outages import ConsentsAway
from shared.database import Database
from shared.errors import Forbidden
from shared.fields import RESIDENTS

SUBJECT = "resident:"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(kw_only=True, eq=False)
class ConsentRequired(Forbidden):
    """A resident has not agreed to what the application is for, or not to its present notice."""

    type = "consent-required"
    title = "未取得居民同意"
    title_en = "Consent is required"
    detail = (
        "应用 {application} 的用途须经居民本人同意其告知书第 {version} 版。请先征得同意（POST /v1/console/consents）。"
    )
    detail_en = (
        "The purpose of {application} takes the consent of each resident to version {version} of its notice. Ask for "
        "it first (POST /v1/console/consents)."
    )

    application: str
    version: int


def residents_named(template: str, path: str, query: str, body: bytes) -> frozenset[uuid.UUID]:
    """Return the residents that a call names; the call fits its description."""
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    texts = [given for part, given in pairs if part.strip("{}") in RESIDENTS]
    texts += [each for name, given in parse_qs(query).items() if name in RESIDENTS for each in given]
    if body:
        with suppress(NotJsonError):  # another kind of content names nobody
            texts += _in(read_json(body))
    return frozenset(uuid.UUID(each) for each in texts if _UUID.fullmatch(each))


def _in(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        for name, each in value.items():
            given = each if isinstance(each, list) else [each]
            yield from (one for one in given if name in RESIDENTS and isinstance(one, str))
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _in(each)
    elif isinstance(value, str) and value.startswith(SUBJECT):
        yield value.removeprefix(SUBJECT)


class Consents:
    """Knows, from one call to the next, who has agreed to what.

    Args:
        database: The gateway's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(
        self, caller: Caller | None, template: str, scope: Mapping[str, Any], body: bytes
    ) -> frozenset[uuid.UUID]:
        """Return the residents whom an application names that takes their consent; they have given it.

        Raises:
            ConsentRequired: One has not, or has withdrawn, or agreed to another version of the notice.
            ConsentsAway: Whether they have cannot be told.
        """
        application = caller.application if caller else None
        if application is None or application.consent_version is None:
            return frozenset()
        residents = residents_named(template, scope["path"], scope["query_string"].decode("ascii"), body)
        try:
            async with self._database.autocommit() as connection:
                lacking = await is_lacking(connection, residents, application.name, application.consent_version)
        except Exception as error:
            raise ConsentsAway from error
        if lacking:
            raise ConsentRequired(application=application.name, version=application.consent_version)
        return residents
