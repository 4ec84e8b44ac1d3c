"""What the standard's own schemas and its reviewer say of a release package."""

import copy
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from services.operations.disclosures.rules import PROFILE

HERE = Path(__file__).parent
SCHEMAS = HERE / "schema"
REVIEWER = HERE.parents[2] / ".linli" / "libcoveocds" / "bin" / "python"
RELEASE = "https://standard.open-contracting.org/schema/1__1__5/release-schema.json"


def assert_sound(package: dict[str, Any], folder: Path) -> None:
    """Neither the schemas nor the reviewer find an error, nor a field that they do not know."""
    assert package["releases"]
    assert schema_errors(package) == []
    assert schema_errors(package, closed=True) == []
    found = review(package, folder)
    wrong = ("validation_errors", "additional_fields", "additional_closed_codelist_values", "additional_checks")
    assert not any(found[what] for what in (*wrong, "deprecated_fields")), found
    assert (found["count"], found["extensions"]["invalid_extension"]) == (len(package["releases"]), {})


def schema_errors(package: Mapping[str, Any], *, closed: bool = False) -> list[str]:
    """Return what is wrong by the standard with the profile; `closed`: fields that neither knows are wrong as well."""
    release = merged(_read("release-schema.json"), _read("ppp-release-schema.json"))
    if closed:
        release = _closed(release)
    registry: Registry[Any] = Registry().with_resource(RELEASE, DRAFT4.create_resource(release))
    checker = Draft4Validator(_read("release-package-schema.json"), registry=registry, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(package)]


def merged(base: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value with a merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = copy.copy(base) if isinstance(base, dict) else {}
    for name, part in patch.items():
        if part is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), part)
    return result


def review(package: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return what libcoveocds finds in a package; skips, saying why, where it is not installed."""
    if not REVIEWER.exists():
        pytest.skip("no libcoveocds to review open contracting data with (.ci/libcoveocds.lock has it)")
    file = folder / "package.json"
    file.write_text(json.dumps(package), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own arguments
        [REVIEWER, HERE / "review.py", file, SCHEMAS, PROFILE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _read(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def _closed(schema: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: _closed(part) for name, part in schema.items()}
    if isinstance(shut.get("properties"), dict):
        shut["additionalProperties"] = False
    return shut
