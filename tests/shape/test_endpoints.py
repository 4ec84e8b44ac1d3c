"""An endpoint makes you read few modules: at most 25, and at most 1,500 lines; and so does what many stand on."""

from tests.shape.endpoints import readings

MODULES_MAX = 25
LINES_MAX = 1_500


def test_an_endpoint_makes_you_read_at_most_25_modules_and_1500_lines() -> None:
    heavy = [reading for reading in readings() if reading.modules > MODULES_MAX or reading.lines > LINES_MAX]
    assert not heavy, "see `python -m tests.shape.endpoints`"
