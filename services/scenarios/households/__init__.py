"""Households 家庭: who lives together, and how much of a community's spaces a household may book in a week."""
