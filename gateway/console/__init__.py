"""The console 控制台: where the gateway is told what to do, by two persons, and says what it did."""
