"""Checks what the platform proves, offline and without trusting it: `python -m verifier --help`.

It needs Python's standard library and `cryptography`, and imports nothing of the platform: copy this folder to a
machine of your own. What it checks is written down in docs/decisions/0007-proof.md.
"""
