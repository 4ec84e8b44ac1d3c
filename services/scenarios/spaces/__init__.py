"""Spaces 空间: what can be booked, and when it is open."""
