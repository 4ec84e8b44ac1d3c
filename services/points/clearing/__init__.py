"""What communities owe each other."""
