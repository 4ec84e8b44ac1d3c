"""Which providers are on the black list, as operations tells it: their applications may not call."""
