"""Time bank 时间银行: hours are pledged and spent for help, given to relatives, donated and left, up to a cap."""
