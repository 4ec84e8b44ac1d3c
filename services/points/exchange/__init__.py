"""Corridors between communities, and quotes at their discount."""
