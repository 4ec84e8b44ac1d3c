"""The audit is sealed, verified with the files and a public key alone, and an altered byte is found."""

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.audit import Audit
from gateway.seals import Sealer, merkle_root
from gateway.verify_audit import unchained, verify
from shared.database import Database
from tests.gateway.knock import Door, metrics, pem
from tests.gateway.ruling import FREE, application, decide, propose, put
from tests.gateway.test_audit import RECORD
from tests.gateway.test_nonces import database_down
from tests.ground import MakeDatabase
from tests.shape.tree import ROOT

ME, QUOTES = "/v1/points/accounts/me", "/v1/points/quotes"
KEYS = pem()
MANY = 100_000


def _public() -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(KEYS.public.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


async def _sealed(folder: Path, url: str, records: int) -> Path:
    audit, database = Audit(folder), Database(url, name="seals")
    sealer = Sealer(audit, KEYS.private, database)
    for number in range(records):
        audit.append(RECORD._replace(path=f"/v1/x/{number}"))
        if number % 9973 == 0:
            await sealer.seal()
    await sealer.seal()
    audit.close()
    await database.close()
    return _only(folder, "*.jsonl")


def _only(folder: Path, pattern: str) -> Path:
    [found] = folder.glob(pattern)
    return found


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.fixture
async def url(make_database: MakeDatabase) -> str:
    """Give a fresh database of the gateway."""
    return (await make_database("gateway")).app


async def test_one_flipped_byte_among_a_hundred_thousand_records_is_located(tmp_path: Path, url: str) -> None:
    file = await _sealed(tmp_path, url, MANY)
    assert verify(tmp_path, [_public()]) == (MANY, [])
    whole = file.read_bytes()
    for at in (0, 30, len(whole) // 3, len(whole) // 2, len(whole) - 2):
        line = whole[: at + 1].count(b"\n") + (whole[at : at + 1] != b"\n")
        _flip(file, at)
        found = [each for each in verify(tmp_path, [_public()])[1] if each.file == file.name]
        assert [each.line for each in found] == [line]
        assert found[0].start <= at < found[0].end
        _flip(file, at)


async def test_each_place_of_a_record_is_covered(tmp_path: Path, url: str) -> None:
    file = await _sealed(tmp_path, url, 3)
    whole = file.read_bytes()
    for at in range(len(whole)):
        if whole[at : at + 1] == b"\n":
            continue
        _flip(file, at)
        found = {each.line for each in verify(tmp_path, [_public()])[1] if each.file == file.name}
        assert (at, found) == (at, {whole[:at].count(b"\n") + 1})
        _flip(file, at)


async def test_what_is_taken_out_cut_off_swapped_or_put_in_is_found(tmp_path: Path, url: str) -> None:
    file = await _sealed(tmp_path, url, 20)
    lines, whole = file.read_bytes().splitlines(keepends=True), file.read_bytes()
    seals = _only(tmp_path, "*.seals")
    for altered in (
        lines[1:],
        lines[:-1],
        lines[:7] + lines[8:],
        lines[::-1],
        [*lines, lines[-1]],
        lines[:5] + lines[4:],
        [],
    ):
        file.write_bytes(b"".join(altered))
        assert verify(tmp_path, [_public()])[1]
    file.write_bytes(whole)
    kept = seals.read_bytes()
    for change in (
        kept.replace(b'"first": 1,', b'"first": 2,'),
        kept.replace(b'"root": "', b'"root": "0'),
        b"{}\n" + kept,
    ):
        seals.write_bytes(change)
        assert verify(tmp_path, [_public()])[1]
    seals.write_bytes(kept)
    assert verify(tmp_path, [_public()]) == (20, [])
    other = load_pem_public_key(pem().public.encode())
    assert isinstance(other, ec.EllipticCurvePublicKey)
    assert "trusted key" in verify(tmp_path, [other])[1][0].what


async def test_records_from_before_the_chain_are_named_and_are_no_finding(tmp_path: Path, url: str) -> None:
    file = await _sealed(tmp_path, url, 3)
    (tmp_path / "audit-2026-01-01.jsonl").write_text('{"at": "2026-01-01T00:00:00Z", "status": 200}\n')
    assert (verify(tmp_path, [_public()]), unchained(tmp_path)) == ((3, []), ["audit-2026-01-01.jsonl"])
    # What is sealed cannot pass for older by losing its chain.
    file.write_text('{"status": 200}\n' * 3)
    assert (bool(verify(tmp_path, [_public()])[1]), len(unchained(tmp_path))) == (True, 1)
    (tmp_path / "audit-2026-01-02.jsonl").write_text("no record\n")
    assert "audit-2026-01-02.jsonl" not in unchained(tmp_path)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from gateway.audit import Audit
from tests.gateway.test_audit import RECORD
from gateway.seals import Sealer
from shared.database import Database
folder, url, key, sealed = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]).read_text(), int(sys.argv[4])
audit = Audit(folder)
sealer = Sealer(audit, key, Database(url, name="killed"))
for number in range(10):
    if number == sealed:
        asyncio.run(sealer.seal())
    audit.append(RECORD)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("sealed", [0, 6])
async def test_what_a_killed_process_left_unsealed_is_sealed_at_the_next_start(
    tmp_path: Path, url: str, sealed: int
) -> None:
    folder, key = tmp_path / "audit", tmp_path / "key.pem"
    key.write_text(KEYS.private)
    command = [sys.executable, "-c", KILLED, str(folder), url, str(key), str(sealed)]
    killed = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert verify(folder, [_public()]) == (sealed, [])
    file = _only(folder, "*.jsonl")
    with file.open("ab") as half:
        half.write(b'{"at": "2026')
    await _start_and_stop(folder, url)
    file.write_bytes(file.read_bytes().removesuffix(b'{"at": "2026'))
    assert verify(folder, [_public()]) == (10, [])
    await _start_and_stop(folder, url)
    assert verify(folder, [_public()]) == (10, [])


async def test_what_was_altered_before_the_next_start_is_not_sealed_and_what_lives_is_left_alone(
    tmp_path: Path, url: str
) -> None:
    living = Audit(tmp_path)
    for _ in range(5):
        living.append(RECORD)
    await _start_and_stop(tmp_path, url)
    assert verify(tmp_path, [_public()]) == (0, [])
    living.close()
    _flip(_only(tmp_path, "*.jsonl"), 30)
    await _start_and_stop(tmp_path, url)
    sealed, findings = verify(tmp_path, [_public()])
    assert (sealed, [each.line for each in findings]) == (0, [1])


async def _start_and_stop(folder: Path, url: str) -> None:
    audit, database = Audit(folder), Database(url, name="seals")
    task = asyncio.create_task(Sealer(audit, KEYS.private, database).run())
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    audit.close()
    await database.close()


def test_the_tree_is_that_of_rfc_6962() -> None:
    def node(*parts: bytes) -> bytes:
        return hashlib.new("sm3", b"\x01" + b"".join(parts)).digest()

    a, b, c = (bytes([number]) * 32 for number in range(3))
    assert merkle_root([a]) == a
    assert merkle_root([a, b, c]) == node(node(a, b), c)


@pytest.mark.proves("G15")
async def test_every_call_is_sealed_and_verified_offline_and_writes_stop_when_sealing_lags(
    ruled: Door, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await ruled.http.get(ME, headers=ruled.bearer())
        await ruled.http.post(QUOTES, headers=ruled.write())
    [write] = [one for one in ruled.audit() if one["method"] == "POST"][:1]
    assert {"subject", "route", "at", "status", "address", "trace_id"} <= write.keys()
    monkeypatch.setattr("gateway.audit.SPOOL_RECORDS_MAX", 12)
    async with database_down(ruled):
        reads = [await ruled.http.get(ME, headers=ruled.bearer()) for _ in range(15)]
        assert {answer.status_code for answer in reads} == {200}
        stopped = await ruled.http.post(QUOTES, headers=ruled.write())
        assert (stopped.status_code, stopped.json()["type"].rsplit("/")[-1]) == (503, "audit-away")
        async with asyncio.timeout(20):
            while "linli_gateway_audit_spool_records 0" in metrics():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    async with asyncio.timeout(20):
        while (await ruled.http.post(QUOTES, headers=ruled.write())).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    async with asyncio.timeout(20):
        while "linli_gateway_audit_spool_records 0.0" not in metrics():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    keys = tmp_path / "jwks.json"
    keys.write_text((await ruled.http.get("/.well-known/jwks.json")).text)
    connection = await asyncpg.connect(ruled.database.admin)
    counted = "SELECT sum(last - first + 1) FROM audit_seal"
    async with asyncio.timeout(20):  # until the last call is sealed too
        while await connection.fetchval(counted) != len(_lines(ruled)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.close()
    command = [sys.executable, "-m", "gateway.verify_audit", str(ruled.audit_dir), str(keys)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"✓ 已封存 sealed {len(_lines(ruled))}，不符 do not fit 0\n")
    await test_one_flipped_byte_among_a_hundred_thousand_records_is_located(tmp_path / "many", url)


def _lines(door: Door) -> list[str]:
    return [line for path in door.audit_dir.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]


@pytest.mark.proves("G16")
async def test_a_change_takes_two_persons_and_stands_in_the_chain_with_its_difference(ruled: Door) -> None:
    proposed = await propose(ruled, "application", "bins-2", application())
    change = proposed.json()["id"]
    assert (await decide(ruled, change, who=0)).json()["type"].endswith("/second-person-required")
    await asyncio.sleep(0.7)
    assert not _changes(ruled)
    await decide(ruled, change)
    await asyncio.sleep(0.7)
    await put(ruled, "application", "bins-2", application(purpose="别的用途"))
    first, second = _changes(ruled)
    assert (first["id"], first["proposed_by"], first["decided_by"]) == (change, "administrator:1", "administrator:2")
    assert second["difference"] == {"purpose": ["智能垃圾分类箱上报", "别的用途"]}
    await propose(ruled, "switch", f"operation:{FREE}", {"stopped": True})
    await asyncio.sleep(0.7)
    emergency = _changes(ruled)[2]
    assert (emergency["at_once"], emergency["proposed_by"], emergency["decided_by"]) == (True, "administrator:1", None)
    connection = await asyncpg.connect(ruled.database.app)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            "UPDATE change SET decided_by = proposed_by, verdict = 'approved' WHERE verdict IS NULL"
        )
    await connection.close()


def _changes(door: Door) -> list[dict[str, object]]:
    records = [json.loads(line) for line in _lines(door)]
    return [record for record in records if record["kind"] == "change"]
