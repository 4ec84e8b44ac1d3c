"""The street cockpit 街道驾驶舱: what happens in an area, rolled up by events as it happens, down to the record."""
