"""Calendar 日历: one algebra of periods for everything that opens, closes and changes over."""
