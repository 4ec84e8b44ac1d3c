"""Cost benchmark 运营成本对标: what a community costs beside its peers, and why; too cheap is looked at too."""
