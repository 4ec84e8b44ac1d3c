"""Surveys 调研: one frozen instrument, asked online, at the desk, on paper and at home, answered once by each."""
