"""Street competition 镇街竞赛: level and improvement by a formula published before, with ties, flags and appeals."""
