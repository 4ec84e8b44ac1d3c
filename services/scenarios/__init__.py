"""Scenarios 场景: what residents find, book, attend and judge."""
