"""Changes of what the gateway is told: proposed by one person with a reason, decided by another, kept with a diff."""
