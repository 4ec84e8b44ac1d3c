"""What `./linli` understands, and what it says when it does not."""

import sys

import pytest

from deploy.bare import checks
from deploy.bare.arguments import COMMANDS, parse
from deploy.bare.checks import Step
from deploy.bare.commands import main


@pytest.mark.parametrize("command", [name for name, _, _ in COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_code:
        main([command, "--help"])
    assert exit_code.value.code == 0
    assert " · " in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["upp"], ["up", "now"], ["up", "--port", "70000"], ["up", "--events", "kafka://nowhere"], ["down", "--hard"]],
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
