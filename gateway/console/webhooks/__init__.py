"""Webhooks 外发订阅: what happens in an area is told to applications that two persons let know of it."""
