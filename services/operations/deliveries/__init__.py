"""Service mix 多元服务组合: what municipality, market and volunteers did together, in one delivery record."""
