"""What the demonstration's callers fill in."""

import random
from collections.abc import Mapping
from datetime import date
from typing import Any

from gmssl_pyx import sm2_sign

QINGBO, DONGJIANG, JINFENG = "330102001051", "330281002015", "330281003012"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def room() -> dict[str, Any]:
    """Publish a room that is open every day from nine to six."""
    return {
        "community_code": QINGBO,
        "name": "清波门邻里客厅",
        "opening_hours": [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(1, 8)],
        "slot_minutes": 30,
        "buffer_minutes": 0,
        "longest_minutes": 120,
    }


def rule(activity: str, asset_class: str, points: int, per_quantity: int) -> dict[str, Any]:
    """Propose what an activity earns in 清波门社区, from now on."""
    return {
        "kind": "rule",
        "community_code": QINGBO,
        "activity": activity,
        "asset_class": asset_class,
        "points": points,
        "per_quantity": per_quantity,
        "points_max_per_deed": 240,
        "effective_from": "2026-01-01T00:00:00+08:00",
    }


def budget(community_code: str, year: int) -> dict[str, Any]:
    """Propose how many points a community may grant in a year."""
    return {"kind": "budget", "community_code": community_code, "year": year, "points": 10_000_000}


def provider(kind: str, name: str, dice: random.Random) -> dict[str, str]:
    """Apply for the white list, with a made-up social-credit code of GB 32100 in 余姚市."""
    body = "91330281" + "".join(dice.choices(_ALPHABET, k=9))
    weighed = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return {
        "community_code": DONGJIANG,
        "kind": kind,
        "name": name,
        "social_credit_code": body + _ALPHABET[-weighed % 31],
        "basis": "年度遴选",
        "authority": "余姚市社会建设部",
    }


def contract(merchant_id: str, keys: Mapping[str, tuple[bytes, bytes]], today: date) -> dict[str, Any]:
    """Draw up a contract of a year with the merchant, with one KPI; `keys` are the parties' SM2 keys, made up."""
    kpi = {"code": "redeemed", "name": "积分兑换", "formula": "points_redeemed", "target": 1000}
    terms = {
        "title": "东江便利店积分兑换合同",
        "scene": "service",
        "parties": [
            {"key": keys["community"][0].hex()},
            {"provider_id": merchant_id, "key": keys[merchant_id][0].hex()},
        ],
        "starts_on": today.replace(day=1).isoformat(),
        "ends_on": today.replace(day=1, year=today.year + 1).isoformat(),
        "kpis": [kpi],
    }
    return {"community_code": DONGJIANG, "terms": terms}


def signature(version: Mapping[str, Any], party: str, keys: tuple[bytes, bytes]) -> dict[str, Any]:
    """Sign a version as a party does."""
    public, private = keys
    signed = sm2_sign(private, public, version["signing_text"].encode()).hex()
    return {"version": version["version"], "party": party, "signature": signed}
