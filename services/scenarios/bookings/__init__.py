"""Bookings 预约: a space for a period, never twice."""
