"""What the demonstration prints: chapters of rows, aligned although Chinese characters are two columns wide."""

import unicodedata
from collections.abc import Callable

LABEL_COLUMNS = 44


class Chapters:
    """Prints rows as they happen.

    Args:
        write: Takes a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def begin(self, title: str) -> None:
        """Begin a chapter."""
        self._write("")
        self._write(f"── {title} " + "─" * max(2, 96 - columns(title)))

    def row(self, label: str, outcome: object) -> None:
        """Tell one thing that happened."""
        self._write(f"  {label}{' ' * max(2, LABEL_COLUMNS - columns(label))}{outcome}")


def columns(text: str) -> int:
    """Return how many columns a terminal takes for a text."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
