"""Claims 占用: atomic units 最小单元, and who has them for which period; no two claims of a unit overlap."""
