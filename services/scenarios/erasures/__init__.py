"""Erasures 个人信息删除: what stands is given up, what is personal goes, and records keep a pseudonym."""
