"""Directory 服务目录: which services there are, where and when, as other directories read them (HSDS 3.0)."""
