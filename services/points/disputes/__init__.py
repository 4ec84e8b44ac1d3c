"""Disputes 争议: what was granted, shared or bought is contested, frozen where it can be, and decided by another."""
