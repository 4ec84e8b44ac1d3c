"""Acceptance 验收: a rubric by project type, several assessors, gates, and the self-evaluation report 自评报告."""
