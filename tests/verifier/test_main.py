"""The verifier as an auditor runs it: a program of its own, on a machine that has nothing of the platform."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.points.proof.rules import canonical, close_window, leaf_hash, merkle_path
from tests.points.book import NOW
from tests.points.proof.ground import KEY
from tests.shape.tree import ROOT
from verifier.__main__ import FITS, UNFIT, UNREADABLE
from verifier.books import check_book
from verifier.seals import UnfitError, check_proof, load_key

CODE = "330102001051"
RECORDS = [{"community_code": CODE, "id": str(n), "amount": n} for n in range(5)]
KEYS = [load_key(KEY.public.encode())]


def proof(place: int = 3) -> dict[str, object]:
    """Make a proof of one of five records."""
    leaves = [canonical(record) for record in RECORDS]
    window = close_window(None, CODE, leaves, NOW)
    return {
        "record": RECORDS[place],
        "index": place,
        "path": [each.hex() for each in merkle_path([leaf_hash(leaf) for leaf in leaves], place)],
        "seal": window.stated(),
        "signature": base64.b64encode(KEY.sign(window.statement())).decode(),
    }


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier from a folder that has it and nothing else."""
    shutil.copytree(ROOT / "verifier", folder / "verifier")
    (folder / "key.pem").write_text(KEY.public)
    return subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "verifier", *arguments, "--key", "key.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_alone_and_says_what_it_found(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(json.dumps(proof()))
    ran = run(tmp_path, "proof", "proof.json")
    assert (ran.returncode, ran.stderr) == (FITS, "")
    assert ran.stdout.startswith("✓ 相符")


def test_it_says_what_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(json.dumps({**proof(), "index": 2}))
    ran = run(tmp_path, "proof", "proof.json")
    assert ran.returncode == UNFIT
    assert "the record is not number 3 of the 5 under this seal" in ran.stdout


@pytest.mark.parametrize("content", [None, "not JSON", "[" * 100_000])
def test_a_file_that_it_cannot_read_is_neither_right_nor_wrong(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "proof.json").write_text(content)
    ran = run(tmp_path, "proof", "proof.json")
    assert ran.returncode == UNREADABLE
    assert "cannot be read" in ran.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"index": -1}, "not number 0"),
        ({"index": 5}, "not number 6"),
        ({"path": []}, "not number 4"),
        ({"path": ["00" * 32] * 9}, "not number 4"),
        ({"path": ["zz"]}, "not a proof"),
        ({"signature": "AAAA"}, "not signed by a key that you trust"),
        ({"signature": "*"}, "not base64"),
        ({"record": {**RECORDS[3], "community_code": "330102001052"}}, "another community's book"),
        ({"seal": {}}, "not a proof"),
        ({"record": []}, "not a proof"),
        ({"record": None}, "not a proof"),
        ({"index": float("inf")}, "not a proof"),
    ],
)
def test_a_proof_that_was_changed_proves_nothing(change: dict[str, object], why: str) -> None:
    with pytest.raises(UnfitError, match=why):
        check_proof({**proof(), **change}, KEYS)


@pytest.mark.parametrize("name", ["count", "root", "number", "sealed_at", "version", "type"])
def test_a_seal_says_nothing_that_was_not_signed(name: str) -> None:
    good = proof()
    seal = dict(good["seal"])  # type: ignore[call-overload]
    seal[name] = "ff" * 32 if name == "root" else "other" if name in {"sealed_at", "type"} else 9
    with pytest.raises(UnfitError):
        check_proof({**good, "seal": seal}, KEYS)


def test_a_book_of_brackets_is_none() -> None:
    with pytest.raises(UnfitError, match="line 1: this is not JSON"):
        check_book([b"[" * 100_000 + b"\n"], KEYS)


def test_every_place_proves_itself() -> None:
    for place in range(len(RECORDS)):
        check_proof(proof(place), KEYS)
