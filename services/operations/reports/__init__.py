"""Self-evaluation reports 自评报告: a page and a PDF in which each figure can be traced to its evidence."""
