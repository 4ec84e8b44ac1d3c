"""Emergency cost centre 应急成本中心: spend at once, within a limit and a time, and have it approved afterwards."""
