"""Fraud 反作弊: detectors that give their reasons, freezes that stop value on its way out, and appeals."""
