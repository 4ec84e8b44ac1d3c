"""Conversions 时间币兑积分: hours become service points by a community's rule, and never the other way."""
