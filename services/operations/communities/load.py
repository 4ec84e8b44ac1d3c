"""Load the reference list of communities: `python -m services.operations.communities.load`.

The list is zhejiang-communities.csv beside this file: the 25,547 communities and villages of the province by their
12-digit statistical code. Loading it again brings names up to date and changes nothing else.
"""

import asyncio
import csv
import sys
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.settings import LoadSettings
from shared.database import Database

SOURCE = Path(__file__).parent / "zhejiang-communities.csv"

# Arrays instead of COPY into a temporary table: as fast, and the service's role may not make tables.
_MERGE = text("""
    INSERT INTO community_reference AS known
        (code, name, street_code, street, district_code, district, city_code, city)
    SELECT * FROM unnest(
        CAST(:code AS text[]), CAST(:name AS text[]), CAST(:street_code AS text[]), CAST(:street AS text[]),
        CAST(:district_code AS text[]), CAST(:district AS text[]), CAST(:city_code AS text[]), CAST(:city AS text[]))
    ON CONFLICT (code) DO UPDATE
        SET (name, street, district, city) = (excluded.name, excluded.street, excluded.district, excluded.city)
        WHERE (known.name, known.street, known.district, known.city)
            IS DISTINCT FROM (excluded.name, excluded.street, excluded.district, excluded.city)
    RETURNING known.code
""")


async def load(session: AsyncSession, source: Path = SOURCE) -> int:
    """Bring the reference list to what the file says, in one statement; returns how many rows it added or changed."""
    with source.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return len((await session.execute(_MERGE, columns)).all())


async def main() -> None:
    """Load the list into the database that LINLI_DATABASE_URL names."""
    database = Database(LoadSettings().database_url.get_secret_value(), name="operations-load")
    async with database.transaction() as session:
        changed = await load(session)
    await database.close()
    sys.stdout.write(f"社区基础数据已载入，新增或更新 {changed} 条 / communities loaded, {changed} added or changed\n")


if __name__ == "__main__":
    asyncio.run(main())
