"""Reservations 预扣: points held, captured, released and given back for what another service sells, by events only."""
