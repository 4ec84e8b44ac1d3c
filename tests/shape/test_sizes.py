"""Files and functions stay small enough to be read at one sitting."""

from tests.shape.tree import functions_of, lines_of, sources, text_of

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40

LONG_FILES = {
    "gateway/routes.py": "the public interface as one table, a row for each route",
    "shared/log/kafka.py": "aiokafka is imported in one file, and this is all of it: reader, writer and topics",
}
LONG_FUNCTIONS: dict[str, str] = {}


def test_no_file_is_longer_than_300_lines() -> None:
    long = {str(path): lines for path in sources() if (lines := len(text_of(path).splitlines())) > FILE_LINES_MAX}
    assert not {path: lines for path, lines in long.items() if path not in LONG_FILES}, "split them by what they do"
    assert not LONG_FILES.keys() - long.keys(), "these exceptions are no longer needed"


def test_no_function_is_longer_than_40_lines() -> None:
    # A migration is a list of statements in their order; it is written once and only read by Alembic.
    long = {
        f"{path}:{function.name}": lines
        for path in sources()
        if "versions" not in path.parts
        for function in functions_of(path)
        if (lines := lines_of(function)) > FUNCTION_LINES_MAX
    }
    assert not {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS}, "split them by their steps"
    assert not LONG_FUNCTIONS.keys() - long.keys(), "these exceptions are no longer needed"
