"""What `./linli` understands, and what it says when it does not."""

import sys
from pathlib import Path

import pytest

from deploy.bare import checks
from deploy.bare.arguments import COMMANDS, parse
from deploy.bare.checks import Step
from deploy.bare.commands import main
from deploy.bare.places import Places
from deploy.bare.platform_up import Options


@pytest.mark.parametrize("command", [name for name, _, _ in COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_code:
        main([command, "--help"])
    assert exit_code.value.code == 0
    assert " · " in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["upp"],
        ["up", "now"],
        ["up", "--port", "70000"],
        ["up", "--cell", "3301"],
        ["up", "--events", "kafka://nowhere"],
        ["down", "--hard"],
    ],
)
def test_what_is_not_understood_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_code:
        parse(arguments)
    assert exit_code.value.code == 2


def test_arguments_for_pytest_are_passed_on_in_their_order() -> None:
    assert parse(["test", "-x", "tests/deploy", "-k", "one or two"]).rest == ["-x", "tests/deploy", "-k", "one or two"]


def test_the_steps_stop_at_the_first_that_fails(capfd: pytest.CaptureFixture[str]) -> None:
    steps = [
        Step(name, (sys.executable, "-c", f"print('{name}'); exit({code})"))
        for name, code in (("a", 0), ("b", 3), ("c", 0))
    ]
    assert checks.run(steps) == 3
    output = capfd.readouterr().out
    assert "✗ b" in output
    assert "▸ c" not in output


def test_each_cell_has_ports_and_a_folder_of_its_own_and_knows_the_others(tmp_path: Path) -> None:
    assert parse(["up", "--cell", "330102", "--cell", "330281"]).cell == ["330102", "330281"]
    options = Options(9000, cells=("330102", "330281"))
    first, second = options.by_cell.values()
    assert (first.cell, first.base_port, first.neighbours) == ("330102", 9000, {"330281": second.base_port})
    assert len(set(options.ports.values())) == len(first.ports) + len(second.ports)
    assert {name.partition("-")[0] for name in options.ports} == {"330102", "330281"}
    places = Places(tmp_path)
    for cell in options.cells:
        places.of_cell(cell).make()
    assert [each.state.name for each in places.all[1:]] == ["330102", "330281"]


def test_cells_are_not_put_on_one_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    assert main(["up", "--cell", "330102"]) == 1
    assert "DATABASE_URL" in capsys.readouterr().err
