"""Work 待办: what staff owe residents and by when, read from the records, so that nothing is entered twice."""
