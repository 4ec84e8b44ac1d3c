"""Tariffs 收费标准: what a booking costs, for whom it is free, and the saga by which it is paid in points."""
