"""Motions 议题: residents wish, design, vote, supervise and accept, and are answered."""
