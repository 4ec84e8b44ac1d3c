"""Lots: points that were earned by one activity and expire together; holds that pin them; which come first."""
