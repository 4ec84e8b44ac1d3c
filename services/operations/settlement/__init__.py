"""Settlement 结算: what a merchant is owed for the points it took."""
