"""Seals, proofs and books as the gateway asks for them, and the verifier on what it gets."""

import json
import uuid
from pathlib import Path

import pytest

from services.points.ledger.rules import AssetClass, PostTransfer, TransferKind, merchant, resident
from services.points.proof.rules import SealingKey
from shared.database import Database
from tests.ground import Keys, ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO, grant, granting, post_linked
from tests.points.proof.ground import seal_all
from verifier.__main__ import FITS, UNFIT, main

RESIDENT_ID, NEIGHBOUR_ID, SHOP = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
NEIGHBOUR = identity(f"resident:{NEIGHBOUR_ID}", ("resident", QINGBO))
OFFICIAL = identity("staff:wang", ("official", "330102"))
ELSEWHERE = identity("staff:zhou", ("official", "330281"))


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service, over an empty book."""
    return await start_api("points")


async def fill(api: ServiceClient, keys: Keys, windows: int = 3) -> list[uuid.UUID]:
    """Post some transfers in each of some windows; returns the ids of the resident's own."""
    own = []
    points = Database(api.database.app, name="test")
    for window in range(windows):
        async with points.transaction() as session:
            for place in range(3 * window + 1):
                await grant(session, NEIGHBOUR_ID, place + 1)
            own += [one.transfer_id for one in await post_linked(session, granting(RESIDENT_ID, 10))]
            paid = ((resident(RESIDENT_ID), -3), (merchant(SHOP), 3))
            spent = PostTransfer(QINGBO, AssetClass.SERVICE, TransferKind.REDEEM, uuid.uuid4().hex, paid)
            own += [one.transfer_id for one in await post_linked(session, spent)]
        await seal_all(points, SealingKey(keys.private))
    await points.close()
    return own


def verify(kind: str, content: bytes, folder: Path, keys: Keys) -> int:
    """Give the verifier a file as an auditor would."""
    (folder / "key.pem").write_text(keys.public)
    (folder / "file").write_bytes(content)
    return main([kind, str(folder / "file"), "--key", str(folder / "key.pem")])


@pytest.mark.proves("P16")
async def test_a_resident_gets_a_proof_of_each_of_its_transfers_that_holds_offline_and_for_no_other_transfer(
    api: ServiceClient, seal_keys: Keys, tmp_path: Path
) -> None:
    own = await fill(api, seal_keys)
    proofs = []
    for transfer_id in own:
        answer = await api.get(f"/books/{QINGBO}/transfers/{transfer_id}/proof", RESIDENT)
        assert answer.status_code == 200, answer.text
        assert answer.json()["record"]["id"] == str(transfer_id)
        assert verify("proof", answer.content, tmp_path, seal_keys) == FITS
        proofs.append(answer.json())
    assert {proof["seal"]["number"] for proof in proofs} == {1, 2, 3}
    for proof in proofs:
        for other in proofs:
            if other is not proof:
                forged = {**proof, "record": other["record"]}
                assert verify("proof", json.dumps(forged).encode(), tmp_path, seal_keys) == UNFIT
    more = {**proofs[0], "record": {**proofs[0]["record"], "entries": [["issuer", -99, None]]}}
    assert verify("proof", json.dumps(more).encode(), tmp_path, seal_keys) == UNFIT


async def test_only_whom_it_concerns_and_who_looks_after_the_book_sees_a_transfer(
    api: ServiceClient, seal_keys: Keys
) -> None:
    [own, *_] = await fill(api, seal_keys, 1)
    path = f"/books/{QINGBO}/transfers/{own}/proof"
    assert (await api.get(path, OFFICIAL)).status_code == 200
    for stranger in (NEIGHBOUR, ELSEWHERE):
        assert (await api.get(path, stranger)).status_code == 404
    assert (await api.get(f"/books/{DONGJIANG}/transfers/{own}/proof", RESIDENT)).status_code == 404


async def test_a_transfer_that_is_not_sealed_yet_has_no_proof_yet(api: ServiceClient) -> None:
    points = Database(api.database.app, name="test")
    async with points.transaction() as session:
        [posted] = await post_linked(session, granting(RESIDENT_ID, 10))
    await points.close()
    answer = await api.get(f"/books/{QINGBO}/transfers/{posted.transfer_id}/proof", RESIDENT)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (409, "not-yet-sealed")


async def test_anybody_reads_the_seals_page_by_page_and_the_keys(api: ServiceClient, seal_keys: Keys) -> None:
    await fill(api, seal_keys)
    first = (await api.get(f"/books/{QINGBO}/seals", NEIGHBOUR, limit=2)).json()
    rest = (await api.get(f"/books/{QINGBO}/seals", NEIGHBOUR, limit=2, cursor=first["next_cursor"])).json()
    assert [one["seal"]["number"] for one in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None
    assert (await api.get(f"/books/{QINGBO}/seals", NEIGHBOUR, cursor="nonsense")).status_code == 422
    [key] = (await api.get("/seal-keys", NEIGHBOUR)).json()
    assert key.strip() == seal_keys.public.strip()


async def test_the_exported_book_holds_offline(api: ServiceClient, seal_keys: Keys, tmp_path: Path) -> None:
    await fill(api, seal_keys)
    answer = await api.get(f"/books/{QINGBO}/export", OFFICIAL)
    assert answer.status_code == 200
    assert verify("book", answer.content, tmp_path, seal_keys) == FITS


@pytest.mark.parametrize("what", ["export", "journal"])
async def test_a_book_is_exported_for_those_who_look_after_it_alone(api: ServiceClient, what: str) -> None:
    assert (await api.get(f"/books/{QINGBO}/{what}", OFFICIAL)).status_code == 200
    for stranger in (RESIDENT, ELSEWHERE):
        assert (await api.get(f"/books/{QINGBO}/{what}", stranger)).status_code == 403
