"""Projects 创建项目: a future community from application to operation, stage by stage, against its plan."""
