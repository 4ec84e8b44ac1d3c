"""Redemption: a resident pays a merchant in points, exchanged on the way if need be."""
