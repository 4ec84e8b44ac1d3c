"""One Apache Kafka node without containers, for development, tests and benchmarks."""
