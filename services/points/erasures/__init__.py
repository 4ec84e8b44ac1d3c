"""Erasures 个人信息删除: what is personal goes, and the books, which only know a pseudonym, stay and still verify."""
