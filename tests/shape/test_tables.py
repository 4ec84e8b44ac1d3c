"""A table that belongs to communities can be distributed by them: community_code leads its unique keys."""

import pytest
from sqlalchemy import Table, UniqueConstraint

from tests.shape.apps import metadata

TABLES = [table for each in metadata().values() for table in each.sorted_tables]
COPIED = "small, and asked for from every community: it is copied to each node"
LED_BY_SOMETHING_ELSE: dict[str, str] = {
    "outbox.pk_outbox": "a queue of its own database: it is read in commit order and pruned, not distributed",
    "merchant.pk_merchant": COPIED,
    "provider.pk_provider": COPIED,
    "provider.uq_provider_social_credit_code": "a business has one code, whichever community lists it",
    "provider_listing.pk_provider_listing": COPIED,
}


@pytest.mark.parametrize("table", [t for t in TABLES if "community_code" in t.columns], ids=str)
def test_community_code_leads_every_unique_key(table: Table) -> None:
    keys = {str(table.primary_key.name): [column.name for column in table.primary_key]}
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys |= {str(constraint.name): [column.name for column in constraint.columns] for constraint in unique}
    keys |= {str(index.name): [column.name for column in index.columns] for index in table.indexes if index.unique}
    others = {f"{table.name}.{name}" for name, columns in keys.items() if columns[:1] != ["community_code"]}
    assert not others - LED_BY_SOMETHING_ELSE.keys(), "a cell grows by distributing its tables on this column"


def test_the_exceptions_are_about_tables_that_there_are() -> None:
    assert {name.partition(".")[0] for name in LED_BY_SOMETHING_ELSE} <= {table.name for table in TABLES}
