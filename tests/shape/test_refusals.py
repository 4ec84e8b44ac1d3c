"""A refusal has one stable name, and says in two languages what happened, with the facts that it carries."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from string import Formatter

from shared.errors import Refusal
from tests.shape.apps import import_product

import_product()
OURS = ("gateway.", "services.", "shared.")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _subclasses(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


# Inadmissible, Conflict, Forbidden and Unseen give a status to others and have no type of their own.
REFUSALS = [one for one in _subclasses(Refusal) if one.__module__.startswith(OURS) and "type" in vars(one)]


def test_the_type_of_a_refusal_is_in_kebab_case_and_declared_once_in_each_service() -> None:
    uses = Counter((refusal.__module__.split(".")[:2][-1], refusal.type) for refusal in REFUSALS)
    assert not [use for use, times in uses.items() if times > 1 or not KEBAB.fullmatch(use[1])]


def test_services_that_use_the_same_type_mean_the_same_by_it() -> None:
    meant: dict[str, set[tuple[int, str, str]]] = {}
    for refusal in REFUSALS:
        meant.setdefault(refusal.type, set()).add((refusal.status, refusal.title, refusal.title_en))
    assert not {kind: meanings for kind, meanings in meant.items() if len(meanings) > 1}


def test_a_refusal_speaks_chinese_and_english() -> None:
    mute = [
        refusal.__qualname__
        for refusal in REFUSALS
        if not (CHINESE.search(refusal.title) and CHINESE.search(refusal.detail))
        or CHINESE.search(refusal.title_en + refusal.detail_en)
        or not (refusal.title_en and refusal.detail_en)
    ]
    assert not mute


def test_a_refusal_fills_its_details_with_its_own_facts_alone() -> None:
    strange = {
        f"{refusal.__qualname__}.{name}": unknown
        for refusal in REFUSALS
        for name in ("detail", "detail_en")
        if (unknown := _placeholders(getattr(refusal, name)) - {field.name for field in fields(refusal)})
    }
    assert not strange


def test_a_title_stays_the_same_whatever_the_facts() -> None:
    assert not [r.__qualname__ for r in REFUSALS if _placeholders(r.title) | _placeholders(r.title_en)]


def _placeholders(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name is not None}
