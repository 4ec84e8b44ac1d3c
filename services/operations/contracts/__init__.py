"""Contracts 合同: what a provider owes a community, sealed, with its KPI."""
