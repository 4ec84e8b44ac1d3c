"""Limits 额度: how much a resident may earn and spend, across communities too, and what a community may grant."""
