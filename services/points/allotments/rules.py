"""The one rounding rule: parts are whole points, rounded down, and what is left over is told, never lost (P2).

Nothing else in this service divides points; tests/points/allotments holds its source to that.
"""

from collections.abc import Sequence


def rounded_down(points: int, part: int, whole: int) -> int:
    """Return `part` of `whole` of some points, rounded down.

    Args:
        points: What is divided, 0 or more.
        part: 0 or more; more than `whole` where points are multiplied, as by what an activity earns.
        whole: 1 or more.
    """
    return points * part // whole


def least_that_yields(points: int, part: int, whole: int) -> int:
    """Return the least number of points of which `part` of `whole`, rounded down, is at least `points`."""
    return -(-points * whole // part)


def allot(points: int, shares: Sequence[int]) -> tuple[list[int], int]:
    """Divide points by shares: each part rounded down, and the residue that belongs to nobody's share.

    The parts and the residue add up to the points; the residue is less than there are shares.
    """
    whole = sum(shares)
    parts = [rounded_down(points, share, whole) for share in shares]
    return parts, points - sum(parts)
