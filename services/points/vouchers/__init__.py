"""Vouchers 纸质券: points reserved on paper, taken by a till without a network, and posted when there is one."""
