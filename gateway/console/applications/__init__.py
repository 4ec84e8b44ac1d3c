"""The secrets of applications: two live at a time, encrypted at rest, shown once."""
