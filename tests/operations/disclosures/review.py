"""Reviews a release package with libcoveocds, offline: run by the reviewer's own Python, and imports nothing of ours.

Usage: python review.py PACKAGE SCHEMAS PROFILE. The standard is read from the folder SCHEMAS, and so is what the
reviewer would fetch from the address PROFILE. Prints what it found, as JSON. The closed codelists are written from the
schema, which has their codes as well; the open ones are left out, for a code that is not in them is no error.
"""

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig
from ocdsextensionregistry import extension_version

STANDARD = ("release-schema.json", "release-package-schema.json", "versioned-release-validation-schema.json")
ABOUT = {"name": {"en": "OCDS for PPPs"}, "description": {"en": ""}, "documentationUrl": {"en": ""}}


class Files:
    """Answers with files what is asked of an address, as an adapter of requests."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        """Answer with the file of that name."""
        answer = requests.Response()
        body = self.files.get(str(request.url).rpartition("/")[2])
        answer.status_code, answer._content, answer.url = 200 if body else 404, body or b"", str(request.url)
        return answer

    def close(self) -> None:
        """Nothing is open."""


def codelists(schema: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - JSON
    """Return the closed codelists in a schema, each with its codes."""
    if isinstance(schema, dict):
        codes = schema.get("enum") or schema.get("items", {}).get("enum")
        if "codelist" in schema and not schema.get("openCodelist") and codes:
            yield schema["codelist"], [code for code in codes if code]
        for part in schema.values():
            yield from codelists(part)


def csv(codes: list[str]) -> str:
    """Return a codelist as a file."""
    return "\n".join(["Code", *codes])


def pack(schemas: Path, standard: Path) -> None:
    """Write the standard as its repository is packed."""
    with zipfile.ZipFile(standard, "w") as archive:
        archive.writestr("standard-1__1__5/", "")
        for name in STANDARD:
            archive.write(schemas / name, f"standard-1__1__5/schema/{name}")
        found = dict(codelists(json.loads((schemas / STANDARD[0]).read_text(encoding="utf-8"))))
        for name, codes in found.items():
            archive.writestr(f"standard-1__1__5/schema/codelists/{name}", csv(codes))


def main(package: Path, schemas: Path, profile: str) -> None:
    """Review one package."""
    patch = (schemas / "ppp-release-schema.json").read_bytes()
    lists = {**dict(codelists(json.loads(patch))), "initiationType.csv": ["ppp"]}
    about = {**ABOUT, "codelists": list(lists)}
    files = {"extension.json": json.dumps(about).encode(), "release-schema.json": patch}
    files |= {name: csv(codes).encode() for name, codes in lists.items()}
    extension_version.session = requests.Session()
    extension_version.session.mount(profile.rpartition("/")[0], Files(files))
    with tempfile.TemporaryDirectory() as folder:
        standard = Path(folder) / "standard.zip"
        pack(schemas, standard)
        config = LibCoveOCDSConfig({"standard_zip": f"file://{standard}", "context": "api"})
        found = ocds_json_output(folder, str(package), "1.1", convert=False, lib_cove_ocds_config=config)
    sys.stdout.write(json.dumps(found, default=list, ensure_ascii=False))


main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
