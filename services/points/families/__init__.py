"""Families 家庭账户: direct relatives who have agreed to share, attested by the desk, and what they share."""
