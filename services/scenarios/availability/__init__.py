"""Availability 空闲: what may be booked, when a space is free, and what stands instead."""
