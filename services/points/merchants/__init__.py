"""The merchants that may take points, as operations tells."""
