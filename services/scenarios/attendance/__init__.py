"""Attendance 签到签退: the evidence that a resident took part."""
