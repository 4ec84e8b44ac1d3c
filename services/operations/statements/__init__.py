"""Operating statements 年度运营收支: what a community's operation cost in a year, and what paid for it."""
