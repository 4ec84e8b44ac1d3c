"""Liability 积分负债: what is outstanding, what stands behind it, where it is spent, and how it flows."""
