"""Closures 停用: a space that cannot be used for a while, and why."""
