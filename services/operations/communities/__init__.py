"""Communities 社区: the reference list of them all, and which of them take part."""
