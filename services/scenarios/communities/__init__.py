"""Communities 社区 that take part, as operations tells."""
