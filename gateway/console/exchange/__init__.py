"""Data exchange 数据交换: what the catalogue lets government platforms have, in signed and encrypted packages."""
