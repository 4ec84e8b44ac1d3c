"""What the ledger's benchmark prints."""

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.ledger_ground import Figures

HEAD = (
    "| what | per request | transfers/s | p50 ms | p99 ms | CPU µs a transfer: client | API | PostgreSQL | "
    "bytes stored | logged |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def median(runs: Sequence[Figures]) -> Figures:
    """Return the run in the middle by its rate."""
    return sorted(runs, key=lambda run: run.rate)[len(runs) // 2]


def show(what: str, size: int, runs: Sequence[Figures]) -> Figures:
    """Print a line."""
    one = median(runs)
    cuts = statistics.quantiles(one.took_ms, n=100) if len(one.took_ms) > 1 else [one.took_ms[0]] * 99
    cpu = " | ".join(f"{us:.0f}" for us in (one.client_us, one.api_us, one.postgres_us))
    print(
        f"| {what} | {size} | {one.rate:,.0f} | {cuts[49]:.1f} | {cuts[98]:.1f} | {cpu} | "
        f"{one.stored:.0f} | {one.logged:.0f} |",
        flush=True,
    )
    return one


def show_ratios(
    tps: float, inside: Mapping[tuple[str, int], Figures], outside: Mapping[tuple[str, int], Figures]
) -> None:
    """Print what counts."""
    ours, hot_ = inside["W1 uniform", 1].rate, inside["W2 hot", 1].rate
    http, http_hot = outside["HTTP W1 uniform", 1].rate, outside["HTTP W2 hot", 1].rate
    ratios = {
        "in process ÷ pgbench TPC-B": (ours / tps, "≥ 2.0"),
        "in process ÷ ORM": (ours / inside["ORM uniform", 1].rate, "≥ 15"),
        "in process, hot ÷ ORM, hot": (hot_ / inside["ORM hot", 1].rate, "≥ 25"),
        "hot ÷ uniform": (hot_ / ours, "≥ 0.9"),
        "all features ÷ bare posting": (ours / inside["bare posting", 1].rate, "≥ 0.5"),
        "HTTP ÷ ORM endpoint": (http / outside["HTTP ORM uniform", 1].rate, "≥ 15"),
        "HTTP, hot ÷ ORM endpoint, hot": (http_hot / outside["HTTP ORM hot", 1].rate, "≥ 15"),
        "HTTP ÷ framework alone": (http / outside["HTTP framework alone", 1].rate, "≥ 0.5"),
        "HTTP, 50 per request, transfers/s": (outside["HTTP W1 uniform", 50].rate, "≥ 10,000"),
        "PostgreSQL's CPU a transfer in batches of 50, µs": (inside["W1 uniform", 50].postgres_us, "≤ 90"),
    }
    print("\n| ratio | reached | goal |\n|---|---:|---:|")
    for name, (reached, goal) in ratios.items():
        print(f"| {name} | {reached:,.1f} | {goal} |")
