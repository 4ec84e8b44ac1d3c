"""Proof: a chain over all commands of a book, posted and refused, sealed in signed windows that anybody can check."""
