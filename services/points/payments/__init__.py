"""Payments at a till 收银: authorised by a code, captured or voided, refunded in part."""
