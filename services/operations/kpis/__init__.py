"""KPIs 指标: measured by the platform itself, from the events of points and scenarios."""
