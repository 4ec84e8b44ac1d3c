"""Providers 服务提供商: who they are, and whether they are on the white list or the black list 白/黑名单."""
