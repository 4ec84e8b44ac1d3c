"""Where the platform keeps its state: everything in one folder of the checkout."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """The state folder and the names in it.

    Attributes:
        state: The folder, `.linli` of the checkout.
    """

    state: Path = ROOT / ".linli"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """What is running now: the lock and the record of the processes."""
        return self.state / "run"

    @property
    def audit(self) -> Path:
        """The gateway's audit files."""
        return self.state / "audit"

    @property
    def postgres(self) -> Path:
        """The embedded server's home, or a link to it."""
        return self.state / "postgres"

    @property
    def secrets(self) -> Path:
        """Passwords of the database roles and the signing keys."""
        return self.state / "secrets.json"

    @property
    def sandbox(self) -> Path:
        """Users and applications of the sandbox with their random secrets."""
        return self.state / "sandbox.json"

    def of_cell(self, cell: str) -> "Places":
        """Return the folder of one of several cells, which has all that a platform has.

        Args:
            cell: The district whose cell it is.
        """
        return Places(self.state / "cells" / cell)

    @property
    def all(self) -> list["Places"]:
        """This folder, and those of the cells that there are."""
        return [self, *(Places(cell) for cell in sorted(self.state.glob("cells/*")))]

    def make(self) -> None:
        """Make the folders that are missing; logs and audit are for their owner's eyes only."""
        self.state.mkdir(exist_ok=True, parents=True)
        for folder in (self.logs, self.run, self.audit):
            folder.mkdir(mode=0o700, exist_ok=True)


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401 whatever JSON can hold
    """Replace a file by JSON that only its owner can read; a reader sees the old or the new, never a half.

    Args:
        path: The file.
        content: What `json.dumps` takes.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
    Path(name).replace(path)
