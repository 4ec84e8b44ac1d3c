"""What merchants are owed, over HTTP."""

import uuid
from datetime import timedelta

import pytest

from services.operations.settlement.record import Owed, record
from shared.database import Database
from shared.pagination import encode_cursor
from tests.ground import ServiceClient, identity
from tests.operations.ground import (
    DONGJIANG,
    NOW,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    register_over_http,
)


async def owe(api: ServiceClient, merchant_id: str, *points: int) -> None:
    """Owe a merchant points, a minute after one another; two at a time fall on one moment."""
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        for number, amount in enumerate(points):
            captured_at = NOW + timedelta(minutes=number // 2)
            await record(session, Owed(DONGJIANG, uuid.uuid4(), uuid.UUID(merchant_id), amount, captured_at))
    await database.close()


async def test_a_merchant_sees_what_it_is_owed_in_pages_with_the_sum_of_all(api: ServiceClient) -> None:
    merchant_id = await register_over_http(api)
    await owe(api, merchant_id, 1, 2, 4, 8, 16)
    merchant = identity(f"merchant:{merchant_id}", ("merchant", DONGJIANG))
    seen: list[int] = []
    params: dict[str, str | int] = {"page_size": 2}
    while True:
        page = (await api.get(f"/merchants/{merchant_id}/receivables", merchant, **params)).json()
        assert (page["merchant_id"], page["total_count"], page["total_points"]) == (merchant_id, 5, 31)
        seen += [item["points"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen[0] == 16
    assert sorted(seen) == [1, 2, 4, 8, 16]


async def test_nothing_owed_is_a_sum_of_zero(api: ServiceClient) -> None:
    merchant_id = await register_over_http(api)
    answer = (await api.get(f"/merchants/{merchant_id}/receivables", YUYAO_OFFICIAL)).json()
    assert (answer["items"], answer["total_count"], answer["total_points"]) == ([], 0, 0)


async def test_what_is_owed_shows_to_the_merchant_and_its_areas_officials_and_operators(api: ServiceClient) -> None:
    merchant_id = await register_over_http(api)
    for who, status in (
        (identity("staff:wu", ("operator", "330281")), 200),
        (identity(f"merchant:{uuid.uuid4()}", ("merchant", DONGJIANG)), 403),
        (identity("staff:zhou", ("desk", DONGJIANG)), 403),
        (SHANGCHENG_OFFICIAL, 403),
        (RESIDENT, 403),
    ):
        assert (await api.get(f"/merchants/{merchant_id}/receivables", who)).status_code == status


async def test_an_unknown_merchant_is_unseen(api: ServiceClient) -> None:
    answer = await api.get(f"/merchants/{uuid.uuid4()}/receivables", YUYAO_OFFICIAL)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        encode_cursor("yesterday", str(uuid.uuid4())),
        encode_cursor(10**30, str(uuid.uuid4())),
        encode_cursor(-(10**17), str(uuid.uuid4())),
        encode_cursor(0, "one"),
    ],
)
async def test_a_made_up_cursor_is_refused(api: ServiceClient, cursor: str) -> None:
    merchant_id = await register_over_http(api)
    answer = await api.get(f"/merchants/{merchant_id}/receivables", YUYAO_OFFICIAL, cursor=cursor)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "bad-cursor")
