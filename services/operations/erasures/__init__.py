"""Erasures 个人信息删除: what traces of attendance name a resident name a pseudonym instead."""
