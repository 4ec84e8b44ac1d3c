"""Space operators 空间运营师: who runs which space, and whether it is on the black list, as operations tells."""
