"""Waitlist 候补: who gets the seats that come free, in strict order, with time to decide."""
