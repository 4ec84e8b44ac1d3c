"""Shared spaces across communities 跨社区共享空间: their costs, split by a key without a residue."""
