"""Events per second and lag of both event logs, beside the limit that the machine sets, in one run.

`python benchmarks/event_log.py [--events 40000]`; DATABASE_URL and LINLI_KAFKA name servers that run already.
Everything but the servers runs in this one process, so `cpu` is that process's share of one core.
"""

import argparse
import asyncio
import itertools
import json
import os
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import asyncpg
import uvloop
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

sys.path.insert(0, str(Path(__file__).parents[1]))

from shared import inbox as inbox_module
from shared import relay as relay_module
from shared.database import Database, PlatformBase
from shared.events import Event
from shared.inbox import Inbox, on
from shared.log import Reader
from shared.log.kafka import KafkaReader, KafkaWriter
from shared.log.postgres import PostgresReader
from shared.log.topics import TOPICS, Topic
from shared.outbox import publish
from shared.relay import Relay
