"""The ledger: double entry by community and class, lots, and nothing of merchants or scenes."""
