"""Subsidies 财政补助: paid in tranches 拨付批次 as milestones are met, clawed back 追缴 when they are not kept."""
