"""How often to look for work that rings no bell: often while there is some, seldom in a quiet hour."""

BUSY_S = 0.03
QUIET_S = 0.25
SLOWER = 1.5


class Pace:
    """The pause of one loop that polls.

    An empty look costs about a millisecond of CPU in the worker and the database; at the busy pace alone, a platform
    that nobody uses would take a sixth of a core. NOTIFY would ring the bell, but makes all commits queue for one lock.
    """

    def __init__(self) -> None:
        self._next_s = BUSY_S

    def pause_s(self, *, found: bool) -> float:
        """Return how long to pause, in seconds, after a look that found something, or nothing."""
        if found:
            self._next_s = BUSY_S
            return 0.0
        pause_s = self._next_s
        self._next_s = min(pause_s * SLOWER, QUIET_S)
        return pause_s
