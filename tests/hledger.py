"""hledger, the accounting program of others, on a journal of ours."""

import shutil
import subprocess
from pathlib import Path

import pytest


def hledger(journal: bytes, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of hledger on a journal; skips, saying why, where there is no hledger."""
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("no hledger to add the journal up (apt-get install hledger)")
    file = folder / "book.journal"
    file.write_bytes(journal)
    return subprocess.run(  # noqa: S603 - our own arguments
        [program, "--file", str(file), *command],
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        check=False,
    )
