"""Facility check-up 公服设施体检: survey, index, and the lowest tenth; the same again from its snapshot."""
