"""Suspicions 疑点: what looks like fraud, and why; decided in memory on what was done lately."""
