"""Crossings: a resident of this cell pays a merchant of another one, over the event log."""
