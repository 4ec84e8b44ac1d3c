"""The hashes of records, chain and tree (RFC 6962), from the verifying side."""

import hashlib
from collections.abc import Sequence

GENESIS = bytes(32)


def leaf_hash(record: bytes) -> bytes:
    """Hash a record."""
    return hashlib.sha256(b"\x00" + record).digest()


def linked(head: bytes, leaf: bytes) -> bytes:
    """Return the chain's head after one more leaf."""
    return hashlib.sha256(b"\x02" + head + leaf).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over one leaf or more, by the definition: the left half is the greatest power of two."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return _node(root_of(leaves[:left]), root_of(leaves[left:]))


def root_from_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a path leads to from a leaf, or None when it is not as long as it must be.

    Args:
        leaf: The hash of the record.
        index: Its place in the window, from 0.
        count: How many records the window has.
        path: The hashes beside the way, from below.
    """
    remaining, last, node = list(path), count - 1, leaf
    while last > 0:
        if index % 2 == 1 or index < last:
            if not remaining:
                return None
            sibling = remaining.pop(0)
            node = _node(sibling, node) if index % 2 == 1 else _node(node, sibling)
        index, last = index // 2, last // 2
    return None if remaining else node


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
