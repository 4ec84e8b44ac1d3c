"""Voting 表决: one ballot each, secret apart from turnout, counted so that anyone can recount."""
