"""Contracts 合同: what parties owe each other, in sealed versions that all of them have signed."""
