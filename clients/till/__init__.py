"""A till's client: copy this folder; it needs nothing but Python."""
