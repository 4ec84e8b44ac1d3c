"""A small district's year, by the product's own rules of points."""

from dataclasses import replace
from pathlib import Path

from benchmarks.district import bounded, lived
from benchmarks.district_life import Setting
from benchmarks.district_plot import plot

SMALL = Setting(communities=10, residents=500, days=365, seed=7, moving=True)


def test_a_flood_stays_bounded_with_a_moving_discount_and_not_without_and_every_book_holds(tmp_path: Path) -> None:
    moving, fixed = lived(SMALL), lived(replace(SMALL, moving=False))
    assert (bounded(moving), bounded(fixed)) == (True, False)
    assert moving.months[-1].flood_owes * 4 < fixed.months[-1].flood_owes
    assert moving.months[-1].hoard_share_bp > 0
    plot(tmp_path / "district.png", moving, fixed)
    assert (tmp_path / "district.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_year() -> None:
    short = replace(SMALL, residents=100, days=60)
    assert lived(short).months == lived(short).months != lived(replace(short, seed=8)).months
