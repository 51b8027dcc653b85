"""Run the benchmarks: `make bench`, or with ARGS="--quick" a small run, or ARGS="--only P3"."""

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from rich.table import Table

from bench import accept, idle, lists, sweep
from bench.ground import OUT, ground

LATEST = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure, print a table, write bench/results/latest.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it runs")
    parser.add_argument("--only", choices=["P1", "P2", "P3", "P8"], action="append")
    parser.add_argument("--port", type=int, default=8077)
    options = parser.parse_args()
    wanted = options.only or ["P8", "P1", "P2", "P3"]
    sizes = (10_000, 20_000) if options.quick else (10_000, 100_000, 1_000_000)
    counts = (2_000,) if options.quick else (10_000, 100_000)
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    }
    if "P8" in wanted:
        results["P8"] = idle.run(options.port)
    if set(wanted) & {"P1", "P2", "P3"}:
        with ground(options.port) as here:
            if "P2" in wanted:
                results["P2"] = lists.run(here, sizes)
            if "P1" in wanted:
                results["P1"] = accept.run(here)
            if "P3" in wanted:
                results["P3"] = sweep.run(here, counts)
    if not options.quick:  # a run of some leaves the figures of the others
        before = json.loads(LATEST.read_text()) if LATEST.exists() else {}
        LATEST.write_text(json.dumps(before | results, indent=2) + "\n")
    show(results)


def show(results: dict[str, Any]) -> None:
    """Print every figure."""
    table = Table("benchmark", "figure", "value")
    for name, figures in results.items():
        for figure, value in flat(figures):
            table.add_row(name, figure, f"{value:,.2f}" if isinstance(value, float) else str(value))
    OUT.print(table)


def flat(figures: Any, before: str = "") -> list[tuple[str, Any]]:
    """The leaves of nested figures, with their path."""
    if not isinstance(figures, dict):
        return [(before, figures)]
    return [leaf for name, value in figures.items() for leaf in flat(value, f"{before} {name}".strip())]


main()
