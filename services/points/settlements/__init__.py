"""Payouts 商户结算: what a merchant is owed by the book, stated, approved by the street, and paid outside."""
