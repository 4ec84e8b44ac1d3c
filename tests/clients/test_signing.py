"""The signing examples for JavaScript and Java, and the SDK's own, against the vectors of the gateway's dialects."""

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients.sdk.linli import Call, provincial_text, strong_text
from tests.gateway.dialects.test_vectors import DIALECTS, rows, text_of
from tests.shape.tree import ROOT

HERE = ROOT / "tests/clients"
SIGNATURES = {"x-bg-hmac": "x-bg-hmac-signature", "x-hmac-auth": "x-hmac-auth-signature", "x-ca": "x-ca-signature"}
Row = dict[str, Any]


def _good(dialect: str) -> list[Row]:
    return [row for row in rows(dialect) if "refused" not in row and "twice" not in row]


def _signature(dialect: str, row: Row) -> str:
    given: str = row["headers"][SIGNATURES.get(dialect, "signature")]
    return given.partition("=:")[2].rstrip(":") or given


def _line(dialect: str, row: Row) -> str:
    said = [dialect, row.get("secret", "SKDEMO"), row["method"], row["path"], row["query"]]
    said += [each for pair in row["headers"].items() for each in pair]
    return " ".join(base64.b64encode(each.encode()).decode() for each in said)


def _signed(command: list[str]) -> None:
    """Let a program sign all rows of all files that are not to be refused."""
    asked = [(dialect, row) for dialect in DIALECTS for row in _good(dialect)]
    lines = "".join(_line(dialect, row) + "\n" for dialect, row in asked)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == len(asked) > 40 * len(DIALECTS)
    for (dialect, row), line in zip(asked, said, strict=True):
        text, signature = line.split(" ")
        expected = (base64.b64decode(text), signature)
        assert (dialect, row["name"], *expected) == (dialect, row["name"], text_of(row), _signature(dialect, row))


@pytest.mark.node
def test_javascript_signs_as_the_gateway_reads() -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("no Node.js to sign with")
    _signed([node, str(HERE / "vectors.mjs")])


@pytest.mark.java
def test_java_signs_as_the_gateway_reads(tmp_path: Path) -> None:
    javac, java = shutil.which("javac"), shutil.which("java")
    if not javac or not java:
        pytest.skip("no Java to sign with")
    sources = [str(ROOT / "clients/signing/Signing.java"), str(HERE / "Vectors.java")]
    subprocess.run([javac, "-encoding", "UTF-8", "-d", str(tmp_path), *sources], check=True)  # noqa: S603 - ours
    _signed([java, "-cp", str(tmp_path), "Vectors"])


def test_the_sdk_signs_the_provincial_text_of_each_row() -> None:
    for row in _good("x-bg-hmac"):
        call = Call(row["method"], row["path"], row["query"])
        headers = row["headers"]
        text = provincial_text(call, headers["x-bg-hmac-access-key"], headers["x-bg-date-time"])
        assert (row["name"], text) == (row["name"], text_of(row))


@pytest.mark.parametrize("dialect", ["rfc9421-sha256", "rfc9421-sm3"])
def test_the_sdk_signs_the_strong_text_of_each_row_of_its_profile(dialect: str) -> None:
    signed = 0
    for row in _good(dialect):
        headers, params = row["headers"], row["headers"]["signature-input"].partition("=")[2]
        if params.partition(")")[0] not in {
            '("@method" "@path" "@query"',
            '("@method" "@path" "@query" "content-digest" "idempotency-key"',
        }:
            continue  # what others may cover beside
        call = Call(row["method"], row["path"], row["query"], key=headers.get("idempotency-key"))
        signed += 1
        assert (row["name"], strong_text(call, headers.get("content-digest"), params)) == (row["name"], text_of(row))
    assert signed > 40
