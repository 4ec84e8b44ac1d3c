"""Three lists 需求清单 · 资源清单 · 项目清单: needs and resources matched into co-building covenants 共建契约."""
