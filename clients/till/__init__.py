"""A till's client: copy this folder; `till.py` needs nothing but Python."""
