"""The communities that take part, as operations tells."""
