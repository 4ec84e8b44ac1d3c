"""What may be checked, and what the platform's records say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from shared import masking
from shared.errors import Unseen
from shared.identifiers import check_id_number, check_social_credit_code

Kind = Literal["residence", "organisation"]
Result = Literal["confirmed", "elsewhere", "not-operating", "not-found"]

TRY_AGAIN_AFTER = tuple(timedelta(seconds=s) for s in (5, 60, 600, 3600, 21600, 64800))
"""Somebody at the counter waits for the first; after a day it is given up."""
DISTRICT_DIGITS = 6
IN_BUSINESS = "正常"


@dataclass(kw_only=True, eq=False)
class CheckUnseen(Unseen):
    """There is no such check, or it is another area's."""

    type = "check-unseen"
    title = "没有此核验"
    title_en = "No such check"
    detail = "没有核验 {check_id}，或它不在您的辖区。"
    detail_en = "There is no check {check_id}, or it is not in your area."

    check_id: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """What somebody says of themselves: the name, and the number that belongs to it."""

    kind: Kind
    name: str
    number: str

    def check(self) -> None:
        """Refuse a number that can be nobody's.

        Raises:
            IdNumberInvalid: It breaks GB 11643.
            SocialCreditCodeInvalid: It breaks GB 32100.
        """
        if self.kind == "residence":
            check_id_number(self.number)
        else:
            check_social_credit_code(self.number)

    def shown(self) -> str:
        """Return what is kept of it: of a person the masked name and number; organisations are not masked."""
        if self.kind == "organisation":
            return f"{self.name} {self.number}"
        return f"{masking.name(self.name)} {masking.id_number(self.number)}"

    def asked(self) -> dict[str, str]:
        """Return it by the names that the platform's interfaces have for it."""
        if self.kind == "organisation":
            return {"tyxydm": self.number, "frdwmc": self.name}
        return {"czrkgmsfhm": self.number, "czrkxm": self.name}


def judge(claimed: Claimed, community_code: str, records: Sequence[Mapping[str, Any]]) -> Result:
    """Return what the platform's records say: of a resident for the community's district, of an organisation at all.

    Args:
        claimed: What was asked about.
        community_code: Where they say they live.
        records: Of the population (`czrkgmsfhm`, `czrkxm`, and `czrkssssxq`, the six digits of the district of their
            registered residence), or of legal persons (`tyxydm`, `qydwmc`, `zt`); whoever answers may send capitals.
    """
    lowered = [{name.lower(): value for name, value in record.items()} for record in records]
    number, name = ("tyxydm", "qydwmc") if claimed.kind == "organisation" else ("czrkgmsfhm", "czrkxm")
    fitting = [each for each in lowered if (each.get(number), each.get(name)) == (claimed.number, claimed.name)]
    if not fitting:
        return "not-found"
    if claimed.kind == "organisation":
        return "confirmed" if any(each.get("zt") == IN_BUSINESS for each in fitting) else "not-operating"
    district = community_code[:DISTRICT_DIGITS]
    return "confirmed" if any(str(each.get("czrkssssxq")) == district for each in fitting) else "elsewhere"


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many tries; nothing: it is given up."""
    return TRY_AGAIN_AFTER[attempts - 1] if attempts <= len(TRY_AGAIN_AFTER) else None
