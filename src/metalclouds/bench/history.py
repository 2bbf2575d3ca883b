"""The last committed figures, what became slower since, and the history of all measurements of a machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metalclouds import files
from metalclouds.bench.figures import Figure, from_dict
from metalclouds.errors import ReadError


@dataclass(frozen=True)
class MovedFigure:
    """A figure that moved: how many times as bad as before (below 1: better)."""

    key: str
    before: float
    now: float
    factor: float

    @property
    def worse(self) -> bool:
        """Whether it is a regression."""
        return self.factor > 1.0


def read_figures(path: Path) -> dict[str, Any]:
    """A file that `metalclouds bench` wrote; its figures by key.

    Raises
    ------
    ReadError
        If it is not such a file.
    """
    try:
        whole = files.read_json(path)
        return {**whole, "figures": {entry["key"]: from_dict(entry) for entry in whole["figures"]}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(
            "not a file of measured figures", file=path, given=repr(error), rule="metalclouds bench writes it"
        ) from error


def changes(before: dict[str, Figure], now: Sequence[Figure], least: float, same_machine: bool) -> list[MovedFigure]:
    """Figures whose ranges do not meet and which moved by more than `least` (0.2 is 20 %), the worst first.

    Seconds of another machine are not compared; ratios and memory are.
    """
    found = []
    for figure in now:
        old = before.get(figure.key)
        if old is None or (figure.goal.unit == "s" and not same_machine):
            continue
        factor = old.value / figure.value if figure.goal.more_is_better else figure.value / old.value
        apart = figure.low > old.high or figure.high < old.low
        if apart and not 1.0 / (1.0 + least) <= factor <= 1.0 + least:
            found.append(MovedFigure(figure.key, old.value, figure.value, factor))
    return sorted(found, key=lambda change: -change.factor)


def append(path: Path, entry: dict[str, Any]) -> None:
    """Add a line to the history."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, sort_keys=True) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """All lines of the history, the oldest first; none where there is no history yet."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
