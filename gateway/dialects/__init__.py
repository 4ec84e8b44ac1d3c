"""Dialects of signatures: each reads one family of headers into the same claim, which `core` verifies."""
