"""Billing 计费: what fees come to by period, matched with deliveries and invoices, less abatements and retention."""
