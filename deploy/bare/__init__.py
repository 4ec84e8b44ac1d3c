"""The whole platform on one machine that has only Python: what `./linli` runs."""
