"""The bounded contexts: points, scenarios and operations. None imports another."""
