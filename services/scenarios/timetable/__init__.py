"""Timetable 开放时间表: opening hours, holidays, closures and function modes, laid out as bookable windows."""
