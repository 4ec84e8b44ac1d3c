"""A table that belongs to communities can be distributed by them (decision 0013)."""

import pytest
from sqlalchemy import Table, Text, UniqueConstraint

from tests.shape.apps import metadata

TABLES = [table for each in metadata().values() for table in each.sorted_tables]
COPIED = "small, and asked for from every community: it is copied to each node"
LED_BY_SOMETHING_ELSE: dict[str, str] = {
    "outbox.pk_outbox": "a queue of its own database: it is read in commit order and pruned, not distributed",
    "erasure_due.pk_erasure_due": "a queue of its own database: what is done is forgotten within days",
    "merchant.pk_merchant": COPIED,
    "provider.pk_provider": COPIED,
    "provider.uq_provider_social_credit_code": "a business has one code, whichever community lists it",
    "provider_listing.pk_provider_listing": COPIED,
}


ACROSS = {
    "co_build_covenant.fk_resource": "a resource is lent to another community: apart, the key would have to be dropped",
    "sign_up.fk_sign_up_resident_community_code": "residents sign up elsewhere; communities can be copied",
}
DISTRIBUTED = [table for table in TABLES if "community_code" in table.columns]
COPIED_TABLES = {name.partition(".")[0] for name, why in LED_BY_SOMETHING_ELSE.items() if why == COPIED}


@pytest.mark.parametrize("table", [t for t in DISTRIBUTED if t.name not in COPIED_TABLES], ids=str)
def test_community_code_is_text_that_is_always_there(table: Table) -> None:
    column = table.columns["community_code"]
    assert isinstance(column.type, Text)
    assert not column.nullable


@pytest.mark.parametrize("table", DISTRIBUTED, ids=str)
def test_a_foreign_key_stays_within_the_community(table: Table) -> None:
    for key in table.foreign_key_constraints:
        away = f"{table.name}.{key.name}" in ACROSS or key.referred_table.name in COPIED_TABLES
        if not away and "community_code" in key.referred_table.columns:
            pairs = [(element.parent.name, element.column.name) for element in key.elements]
            assert ("community_code", "community_code") in pairs, "both sides lie on the same node"


@pytest.mark.parametrize("table", DISTRIBUTED, ids=str)
def test_community_code_leads_every_unique_key(table: Table) -> None:
    keys = {str(table.primary_key.name): [column.name for column in table.primary_key]}
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys |= {str(constraint.name): [column.name for column in constraint.columns] for constraint in unique}
    keys |= {str(index.name): [column.name for column in index.columns] for index in table.indexes if index.unique}
    others = {f"{table.name}.{name}" for name, columns in keys.items() if columns[:1] != ["community_code"]}
    assert not others - LED_BY_SOMETHING_ELSE.keys(), "a cell grows by distributing its tables on this column"


def test_the_exceptions_are_about_tables_that_there_are() -> None:
    assert {name.partition(".")[0] for name in LED_BY_SOMETHING_ELSE} <= {table.name for table in TABLES}
    assert ACROSS.keys() <= {f"{table.name}.{key.name}" for table in TABLES for key in table.foreign_key_constraints}
