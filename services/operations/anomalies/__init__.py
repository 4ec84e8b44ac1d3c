"""Anomalies 异常: duplicate invoices, split purchases and ghost attendance, found and explained."""
