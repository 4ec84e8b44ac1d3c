"""A till's client: copy `clients`, of which `till.py` takes this folder and `sdk`; it needs nothing but Python."""
