"""What two services need, and nothing that one needs alone."""
