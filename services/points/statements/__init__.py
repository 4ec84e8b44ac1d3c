"""Statements: what happened in an account, and what was in it at any time."""
