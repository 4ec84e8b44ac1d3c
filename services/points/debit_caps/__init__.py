"""Net debit caps: how much a community may owe others before its residents' quotes abroad are refused."""
