"""Access 门禁: a door code for each booking, good for its time, and who came in by it."""
