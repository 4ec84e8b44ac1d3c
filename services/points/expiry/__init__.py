"""Expiry: what has expired leaves the residents' lots for the community's pool."""
