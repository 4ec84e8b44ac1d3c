"""Events per second and lag of both event logs, beside the limit that the machine sets, in one run.

`python benchmarks/event_log.py [--events 40000]`; DATABASE_URL and LINLI_KAFKA name servers that run already.
Everything but the servers runs in this one process, so `cpu` is that process's share of one core.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
