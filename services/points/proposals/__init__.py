"""Proposals 双人复核: one proposes a rule, a budget, a cap, a grant or a write-off, and another decides."""
