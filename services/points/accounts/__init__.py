"""What residents and staff see of an account."""
