"""Time bank 时间银行: help that is asked for and offered, given by the quarter hour, and confirmed by both sides."""
