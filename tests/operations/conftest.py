"""Operations with four real communities to speak of; the whole list is loaded by the test of loading."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.operations.communities.load import SOURCE, load
from services.operations.worker import HANDLERS
from shared.database import Database
from shared.inbox import Inbox
from tests.ground import MakeDatabase, ServiceClient, StartApi
from tests.operations.ground import DONGJIANG, JINFENG, QINGBOMEN


@pytest.fixture(scope="session")
def few_communities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut the reference list down to 清波门, 劳动路, 东江 and 锦凤."""
    head, *lines = SOURCE.read_text(encoding="utf-8").splitlines()
    wanted = {QINGBOMEN, "330102001052", DONGJIANG, JINFENG}
    cut = tmp_path_factory.mktemp("communities") / "few.csv"
    cut.write_text("\n".join([head, *(line for line in lines if line[:12] in wanted)]) + "\n", encoding="utf-8")
    return cut


async def _loaded(url: str, source: Path) -> Database:
    database = Database(url, name="test")
    async with database.transaction() as session:
        await load(session, source)
    return database


@pytest.fixture
async def database(make_database: MakeDatabase, few_communities: Path) -> AsyncIterator[Database]:
    """Open the database of operations as its least-privilege role."""
    database = await _loaded((await make_database("operations")).app, few_communities)
    yield database
    await database.close()


@pytest.fixture
def inbox(database: Database) -> Inbox:
    """Take events in as the worker does."""
    return Inbox("operations", database, HANDLERS)


@pytest.fixture
async def api(start_api: StartApi, few_communities: Path) -> ServiceClient:
    """Run the API of operations."""
    client = await start_api("operations")
    await (await _loaded(client.database.app, few_communities)).close()
    return client
