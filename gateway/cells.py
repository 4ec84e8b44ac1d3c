"""Which cell a call is for (G23): the area that it names leads there by a table; a cell is a district's own services.

A call names its area in its path, query or body, as its description says; one that is about an id alone may name it in
the header `Linli-Area`, or else it is the caller's own, where the caller has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.identity import Identity

HEADER = b"linli-area"
DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        name: The area that it serves, by its prefix; empty for the one at home.
        services: The base URL of each service; what is not there is at home.
    """

    name: str
    services: Mapping[str, str]


HOME = Cell("", {})


def cell_of(area: str | None, cells: Mapping[str, Cell]) -> Cell:
    """Return the cell that serves an area: the longest prefix of its code that the table knows, or home."""
    if area:
        for digits in range(len(area), 0, -1):
            found = cells.get(area[:digits])
            if found:
                return found
    return HOME


def area_of(named: str | None, headers: Mapping[bytes, bytes], identity: Identity) -> str | None:
    """Return the area of a call: what it names, what its header names, or the one district of its caller."""
    if named:
        return named
    if HEADER in headers:
        return headers[HEADER].decode("latin-1")
    held = {role.prefix[:DISTRICT_DIGITS] for role in identity.roles if len(role.prefix) >= DISTRICT_DIGITS}
    return held.pop() if len(held) == 1 else None
