"""A crowd: residents who earn and redeem all the time, and keep books of their own against which to hold the platform.

The fault tests and the benchmarks let it loose on a platform that runs.
"""
