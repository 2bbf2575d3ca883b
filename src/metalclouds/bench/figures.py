"""A measured figure with its interval, and the table of what is measured and what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Goal:
    """What a figure means, in words, and what is wanted of it.

    Attributes
    ----------
    unit
        "1" for a ratio within one run, else s or MB.
    must, aim
        the limits of the project; None where there is none.
    more_is_better
        whether a larger figure is a better one.
    """

    text: str
    unit: str = "1"
    must: float | None = None
    aim: float | None = None
    more_is_better: bool = False


GOALS = {
    "reading.dataset": Goal("reading a night as a dataset / bare reading"),
    "mask.all": Goal("mask and night decision / bare reading", must=1.0, aim=0.5),
    "detect.quiet": Goal("detection of a quiet night / bare reading", must=2.0, aim=1.0),
    "detect.busy": Goal("detection of a night with 9-16 stripes / bare reading", must=8.0, aim=4.0),
    "detect.crowded": Goal("detection of a night with more stripes / bare reading"),
    "detect.mixture": Goal("detection, all nights of the campaign / bare reading", must=3.5, aim=1.8),
    "file_to_file.mixture": Goal("detection with reading, checksums and writing / bare reading"),
    "columns.all": Goal("column density of a night, with reading / bare reading"),
    "density.mask.all": Goal("density: mask and night decision / bare reading"),
    "density.detect.quiet": Goal("density: detection of a quiet night / bare reading"),
    "density.detect.busy": Goal("density: detection of a night with 9-16 stripes / bare reading"),
    "ingest.read": Goal("ingest of a night / bare reading of its source"),
    "ingest.read_write": Goal("ingest of a night / bare reading and writing"),
    "memory.night": Goal("traced memory of a night's detection", "MB", must=24.0, aim=15.0),
    "memory.worker": Goal("resident memory of a worker", "MB", must=300.0, aim=200.0),
    "workers.wall": Goal("speed-up of two workers, by the clock", must=1.7, aim=1.95, more_is_better=True),
    "workers.processor": Goal("speed-up of two workers that processor time allows", more_is_better=True),
    "compilation": Goal("compilation on a new machine", "s", must=30.0, aim=5.0),
    "start.package": Goal("import metalclouds / start of Python"),
    "start.command": Goal("metalclouds --version / start of Python"),
    "start.detection": Goal("import of the detection / start of Python"),
    "start.command_s": Goal("metalclouds --version", "s"),
    "workflow.dag": Goal("snakemake -n, the whole DAG / start of Python"),
    "workflow.dag_s": Goal("snakemake -n, the whole DAG", "s"),
}


@dataclass(frozen=True)
class Figure:
    """A figure, and the range in which its median lies.

    With n rounds the median lies between the least and the largest with probability 1 - 2^(1 - n), whatever the
    distribution (each round is below it with probability 1/2): 94 % for 5 rounds. One round has no range.
    """

    key: str
    value: float
    low: float
    high: float
    rounds: int

    @property
    def goal(self) -> Goal:
        """What it means and what is wanted."""
        return GOALS[self.key]

    def meets(self, limit: float | None) -> bool | None:
        """Whether it keeps to a limit; None where there is no limit."""
        if limit is None:
            return None
        return self.value >= limit if self.goal.more_is_better else self.value <= limit

    def as_dict(self) -> dict[str, Any]:
        """Figure and goal as plain values."""
        return {**asdict(self), **asdict(self.goal)}


def from_rounds(key: str, values: Sequence[float] | np.ndarray) -> Figure:
    """Median, least and largest of the rounds.

    Parameters
    ----------
    values
        one value a round.

    Raises
    ------
    ValueError
        If there is no round, or one that is not finite.
    """
    rounds = np.asarray(values, dtype=float)
    if not rounds.size or not np.isfinite(rounds).all():
        raise ValueError(f"{key}: no figure from {rounds.tolist()}")
    return Figure(key, float(np.median(rounds)), float(rounds.min()), float(rounds.max()), rounds.size)


def from_dict(entry: dict[str, Any]) -> Figure:
    """A figure from its entry in a JSON file."""
    return Figure(*(entry[name] for name in ("key", "value", "low", "high", "rounds")))
