"""What an error leaves in the log: what went wrong and where, and nothing of the data."""

import json

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.logging import configure
from tests.ground import MakeDatabase

SECRET = "13800000000\n\n13800000000"
_REFUSED = """
    INSERT INTO idempotency (caller, key, request_hash, created_at) VALUES (:caller, 'a key', '', NULL)
"""


async def test_a_refused_row_is_logged_without_its_values(
    make_database: MakeDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database((await make_database("points")).app, name="test")
    configure("test", "INFO")
    try:
        async with database.transaction() as session:
            await session.execute(text(_REFUSED), {"caller": SECRET})
    except DBAPIError:
        structlog.get_logger().exception("request failed")
    await database.close()
    line = json.loads(capsys.readouterr().out)
    assert "NotNullViolationError" in line["exception"]
    assert "INSERT INTO idempotency" in line["exception"]
    assert SECRET[:11] not in json.dumps(line)
