"""Self-sufficiency 自我造血率: how much of its operation a community pays for itself; how long its reserve lasts."""
