"""Figures as a table, for people and for README.md."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

from .measures import Figure


class Line(NamedTuple):
    """A line of the table."""

    name: str
    clients: int
    figure: Figure
    most_ms: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the median is as quick as it should be; None where nothing is asked."""
        return None if self.most_ms is None else self.figure.p50 <= self.most_ms


HEAD = ("", "clients", "p50 ms", "p95 ms", "per second", "wanted (p50)")


def machine(database: str) -> str:
    """Where it was measured, in one line: processors, memory, Python, database; no names."""
    cores = len(os.sched_getaffinity(0))
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{cores} cores ({model}), {gib:.0f} GiB, Python {platform.python_version()}, {database}"


def rows(lines: list[Line]) -> list[tuple[str, ...]]:
    """The table's cells."""
    answers = {None: "", True: " ✓", False: " ✗"}
    return [
        (
            line.name,
            str(line.clients),
            _number(line.figure.p50),
            _number(line.figure.p95),
            _number(line.figure.rate),
            f"≤ {line.most_ms:g}{answers[line.holds]}" if line.most_ms is not None else "",
        )
        for line in lines
    ]


def table(lines: list[Line]) -> str:
    """For a terminal."""
    cells = [HEAD, *rows(lines)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            value.ljust(width) if column == 0 else value.rjust(width)
            for column, (value, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def markdown(lines: list[Line], notes: list[str]) -> str:
    """For README.md."""
    out = ["| " + " | ".join(HEAD) + " |", "|---|" + "--:|" * (len(HEAD) - 1)]
    out += ["| " + " | ".join(row) + " |" for row in rows(lines)]
    return "\n".join([*out, "", *notes]) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
