"""Assistance 代办: who a command is for, by which channel it came, who gave it, and with what consent."""
