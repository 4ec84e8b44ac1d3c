"""Assistance 代办: what the desk does in points for a resident who agreed, within limits of its own, with a receipt."""
