"""Reports 居民报事: what residents report, dealt with here or handed over to the city by Open311 (GeoReport v2)."""
