"""Log files are bounded and can be followed."""

from itertools import islice
from pathlib import Path

from deploy.bare.logs import Follower, follow, rotate, tail


def test_a_full_log_moves_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old line\n" * 10)
        rotate(tmp_path, size_max_bytes=50)
        writer.write(b"new line\n")
    assert log.read_text() == "new line\n"
    assert (tmp_path / "gateway.log.1").read_text() == "old line\n" * 10


def test_a_follower_sees_whole_lines_also_after_rotation(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    follower = Follower(log)
    assert follower.new_lines() == []
    log.write_text("one\ntw")
    assert follower.new_lines() == ["one"]
    with log.open("a") as writer:
        writer.write("o\n")
    assert follower.new_lines() == ["two"]
    log.write_text("3\n")
    assert follower.new_lines() == ["3"]


def test_the_end_of_several_logs_names_the_process(tmp_path: Path) -> None:
    for name in ("gateway", "points-api"):
        (tmp_path / f"{name}.log").write_text(f"first\nlast of {name}\n")
    lines = list(islice(follow([tmp_path / "gateway.log", tmp_path / "points-api.log"], 1), 2))
    assert [line.split("│")[0].strip() for line in lines] == ["gateway", "points-api"]
    assert tail(tmp_path / "gateway.log", 1) == ["last of gateway"]
    assert tail(tmp_path / "missing.log", 1) == []
