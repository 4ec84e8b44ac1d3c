"""deploy/Dockerfile, read as text: an image without root, without secrets, and with no more in it than runs."""

import fnmatch
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from deploy.bare.places import ROOT
from deploy.bare.processes import UVICORN
from deploy.bare.provision import SERVICES

LISTENS_EVERYWHERE = ("host", "0.0.0.0")  # noqa: S104 - inside a container


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def copied(stages: list[tuple[str, str]]) -> list[str]:
    """What is copied from the checkout."""
    return [
        source
        for name, rest in stages
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for name, rest in last_stage() if name == "ENV" for pair in shlex.split(rest))


def test_it_does_not_run_as_root() -> None:
    users = [rest for name, rest in last_stage() if name == "USER"]
    assert users == ["linli"]
    assert [name for name, _ in last_stage()][-2:] == ["USER", "STOPSIGNAL"]


def test_it_stops_in_good_order() -> None:
    assert ("STOPSIGNAL", "SIGTERM") in last_stage()


def test_base_images_are_pinned_by_tag() -> None:
    for image in (rest.split()[0] for name, rest in instructions() if name == "FROM"):
        tag = image.partition(":")[2]
        assert tag
        assert tag != "latest"


def test_it_holds_what_runs_and_nothing_else() -> None:
    names = copied(instructions())
    assert not any(name == "ADD" for name, _ in instructions())
    assert {"shared", "services", "gateway"} <= set(names)
    for name in names:
        assert (ROOT / name).exists(), name
        assert name.split("/")[0] not in {".", "tests", "docs", "benchmarks", ".linli", ".git", ".env"}


def test_what_it_holds_is_enough_to_start_each_process(tmp_path: Path) -> None:
    for name in copied(last_stage()):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(ROOT / name)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    left_out = {_name_of(need) for group in declared["dependency-groups"].values() for need in group}
    for product in map(_name_of, declared["project"]["dependencies"]):  # what these bring is there
        left_out -= {_name_of(need) for need in requires(product) or () if "extra ==" not in need}
    modules = [module for module, names in packages_distributions().items() if left_out & {*names}]
    targets = [
        "gateway.main",
        "gateway.console.main",
        "gateway.console.worker",
        "deploy.containers.prepare",
        "deploy.containers.credentials",
        *(f"services.{service}.{module}" for service in SERVICES for module in ("main", "worker")),
        "shared.log.kafka",
    ]
    script = f"import sys; sys.modules |= dict.fromkeys({modules}); import {', '.join(targets)}"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)  # noqa: S603 - our own text


def _name_of(need: str) -> str:
    return re.split(r"[=<>~!;\[ ]", need)[0]


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    sent = [line[1:] for line in lines if line.startswith("!")]
    for name in copied(instructions()):
        assert any(fnmatch.fnmatch(name, pattern) or name.startswith(f"{pattern}/") for pattern in sent), name
    for pattern in sent:
        assert any(name == pattern or name.startswith(f"{pattern}/") for name in copied(instructions())), pattern


def test_packages_are_installed_by_hash_and_without_those_of_developers() -> None:
    installs = [rest for name, rest in instructions() if name == "RUN" and "install " in rest and "pip" in rest]
    assert installs
    for rest in installs:
        assert "--require-hashes" in rest
    assert "--group" not in " ".join(installs)


def test_no_secret_is_in_it() -> None:
    assert not [name for name in environment() if name.startswith("LINLI_")]


def test_uvicorn_is_set_up_as_on_the_bare_machine() -> None:
    options: dict[str, str] = {}
    for option in UVICORN:
        if option.startswith("--no-"):
            options[option.removeprefix("--no-")] = "false"
        elif option.startswith("--"):
            options[option.removeprefix("--")] = "true"
        else:
            options[list(options)[-1]] = option
    options |= dict([LISTENS_EVERYWHERE, ("port", "8080")])
    expected = {f"UVICORN_{option.upper().replace('-', '_')}": value for option, value in options.items()}
    assert {name: value for name, value in environment().items() if name.startswith("UVICORN_")} == expected
