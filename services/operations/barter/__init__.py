"""Barter 以场地换服务: a space at its appraised rent against services at catalogue prices, and the difference."""
