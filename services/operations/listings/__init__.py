"""Listings 名单: who is on the white list, under watch or on the black list, where, since when and why."""
