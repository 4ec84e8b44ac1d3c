"""The demonstration: one good deed, told from end to end by the callers that a real platform has."""
