"""Requests 个人信息请求: that something be corrected, or an erasure, which is done when all services have answered."""
