"""Bad input through the gateway: none of it does harm, and each call is on record."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from gateway import limits
from gateway.limits import Limit
from gateway.routes import PREFIX, READS, ROUTES
from gateway.verify_audit import read_keys, verify
from tests.bad_input import BOUNDED, EVERY_ROLE, NIGHTLY, attempt
from tests.gateway.knock import Door


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one caller do what a thousand would."""
    for table in (limits.PERSON_LIMITS, limits.GRABBING):
        for name in table:
            monkeypatch.setitem(table, name, Limit("all", 1e6, 1_000_000))
    monkeypatch.setattr("gateway.admission.ADDRESS", Limit("address", 1e6, 1_000_000))


@pytest.mark.proves("R13")
@pytest.mark.proves("R14")
async def test_no_input_that_schemathesis_makes_breaks_what_is_described_and_each_write_has_one_record(
    unlimited: None,  # noqa: ARG001 - it acts by being there, before the door is opened
    whole: Door,
    tmp_path: Path,
) -> None:
    tried = await attempt(str(whole.http.base_url), whole.bearer(EVERY_ROLE), tmp_path, *BOUNDED)
    assert tried.code == 0, tried.said[-20_000:]
    calls = [(method, status) for method, path, status in tried.calls if path.startswith(PREFIX)]
    made = Counter(call for call in calls if call[0] not in READS)
    kept = Counter((each["method"], each["status"]) for each in whole.audit() if each["method"] not in READS)
    assert made == kept
    assert sum(made.values()) > len(ROUTES) / 2
    keys = tmp_path / "jwks.json"
    keys.write_text((await whole.http.get("/.well-known/jwks.json")).text)
    assert _locates_a_flipped_byte(whole.audit_dir, tmp_path / "altered", keys)


def _locates_a_flipped_byte(audit: Path, altered: Path, keys: Path) -> bool:
    """Tell whether the verifier finds one byte that was altered in a copy of the audit, and no other in its file."""
    [file] = Path(shutil.copytree(audit, altered)).glob("*.jsonl")
    data = bytearray(file.read_bytes())
    at = len(data) // 2
    data[at] ^= 1
    file.write_bytes(data)
    found = [each for each in verify(altered, read_keys(keys))[1] if each.file == file.name]
    return [each.start <= at < each.end for each in found] == [True]


@pytest.mark.nightly
async def test_nor_does_any_of_the_many_thousand_of_a_night(
    unlimited: None,  # noqa: ARG001 - the same
    whole: Door,
    tmp_path: Path,
) -> None:
    tried = await attempt(str(whole.http.base_url), whole.bearer(EVERY_ROLE), tmp_path, *NIGHTLY)
    assert tried.code == 0, tried.said[-20_000:]
