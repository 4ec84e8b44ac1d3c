"""Devices 设备: registered to a catalogue entry, enrolled once, each with a key of its own; their events and status."""
