"""The platform's client: copy this folder; it needs nothing but Python."""
