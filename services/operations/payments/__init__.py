"""Payments 支付 out of a community fund: asked for, approved by amount, paid; merchants' points among them."""
