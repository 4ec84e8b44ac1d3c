"""Burdens 减负清单: what departments may ask of communities 社区工作准入, what was asked, and how long it took."""
