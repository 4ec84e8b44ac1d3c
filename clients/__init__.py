"""Clients of the platform, for others to build on; they share nothing with it but its public interface."""
