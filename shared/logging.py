"""Logs: JSON lines on standard output, one canonical line per request or message, no personal data.

What should not be there and is, such as a number in the text of an error, is masked as the line is written.
"""

import logging
import re
import sys

import structlog

from shared.masking import scrub, scrubbed
from shared.telemetry import trace_id

_DETAIL = re.compile(r"^DETAIL: .*?(?=^\[SQL|^The above exception|\Z)", re.MULTILINE | re.DOTALL)


def _with_trace(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("trace_id", trace_id())
    return event


def _without_rows(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave out what PostgreSQL adds to an error: the values of the row that it refused."""
    if "exception" in event:
        event["exception"] = _DETAIL.sub("", event["exception"])
    return event


def _without_numbers(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    masked: structlog.typing.EventDict = scrubbed(event)
    return masked


class _Scrubbed(logging.Formatter):
    """Masks what others' libraries log."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return scrub(super().format(record))


def configure(process: str, level: str) -> None:
    """Set up this process's logs.

    Args:
        process: The name that each line carries, such as `points-api`.
        level: DEBUG, INFO, WARNING or ERROR.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_trace,
            structlog.processors.format_exc_info,
            _without_rows,
            _without_numbers,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
    )
    structlog.contextvars.bind_contextvars(process=process)
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(_Scrubbed("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[output], level=logging.WARNING)
