"""Which providers are on the white and the black list, as operations tells it: their applications may not call."""
