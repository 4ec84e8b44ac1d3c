"""Honours 荣誉: tiers and leaderboards, from what was earned and never from what is left of it."""
