"""Arrivals 到场: who came to a booking, what is released when nobody does, and what follows for whoever stays away."""
