"""After the story: each community's book is exported, and others' programs find it sound."""

import asyncio
from pathlib import Path

import httpx
import pytest

from deploy.demo.__main__ import tell
from deploy.demo.callers import Caller, callers
from tests.hledger import hledger
from tests.platform import RunningPlatform
from verifier.__main__ import FITS, main

KEEPERS = {"330102001051": "shangcheng-official", "330281002015": "yuyao-official"}
SEALED_WITHIN_S = 90


@pytest.mark.hledger
async def test_hledger_and_the_verifier_find_the_books_of_the_story_sound(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    await tell(platform.url, platform.sandbox, lambda _: None)
    async with httpx.AsyncClient(base_url=platform.url, timeout=30) as http:
        asking = callers(http, platform.sandbox)
        for community_code, keeper in KEEPERS.items():
            path = f"/v1/points/books/{community_code}"
            journal = await fetch(asking[keeper], f"{path}/journal")
            checked = hledger(journal, tmp_path, "check")
            assert checked.returncode == 0, checked.stderr
            report = hledger(journal, tmp_path, "balance")
            assert report.stdout.split("--\n")[-1].strip() == "0", report.stdout
            posted = journal.count(b") earn") + journal.count(b") redeem")
            assert posted
            book = await sealed(asking[keeper], f"{path}/export", posted)
            (tmp_path / "book.jsonl").write_bytes(book)
            keys = await asking[keeper].get("/v1/points/seal-keys")
            (tmp_path / "key.pem").write_text("".join(keys))
            assert main(["book", str(tmp_path / "book.jsonl"), "--key", str(tmp_path / "key.pem")]) == FITS


async def fetch(caller: Caller, path: str) -> bytes:
    """GET a file."""
    request = caller.http.build_request("GET", path)
    await caller.signer.sign(caller.http, request)
    answer = await caller.http.send(request)
    assert answer.status_code == 200, answer.text
    return answer.content


async def sealed(caller: Caller, path: str, transfers: int) -> bytes:
    """Wait until the worker has sealed so many transfers; returns the book."""
    async with asyncio.timeout(SEALED_WITHIN_S):
        book = b""
        while book.count(b'"type":"transfer"') < transfers:
            await asyncio.sleep(10)
            book = await fetch(caller, path)
    return book
