"""Earning rules and the deeds that earn by them."""
