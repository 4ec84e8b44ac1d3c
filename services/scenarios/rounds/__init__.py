"""Rounds 统一申请轮次: who has which hours of a season, by lottery or deferred acceptance, with a reason for each."""
