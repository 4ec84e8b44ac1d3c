"""Consents 同意: what residents let an application do for its purpose, as it was worded then, or no more."""
