"""Checks 核验: what a person or an organisation says of itself is compared with what the province's platform knows."""
