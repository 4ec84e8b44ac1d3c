"""Allotments: how points are divided. The one place where anything is rounded."""
