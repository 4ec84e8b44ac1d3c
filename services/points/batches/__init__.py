"""Batches: what of many postings is posted, decided in memory exactly as if they had come one by one."""
