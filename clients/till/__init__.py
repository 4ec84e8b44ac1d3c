"""A till's client: copy `clients`, of which it takes this folder and `sdk`; it needs nothing but Python."""
