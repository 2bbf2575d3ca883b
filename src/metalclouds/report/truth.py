"""What was simulated beside what was found, for the page of a simulated run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metalclouds import io
from metalclouds.claims.verdict.words import number, with_interval
from metalclouds.schema.documents import Verdict, VerdictPart


def rows(run_dir: Path, verdicts: Sequence[Verdict]) -> list[dict[str, str]]:
    """A row for each part of a claim whose true value is known; none without evaluate.json."""
    path = run_dir / "evaluate.json"
    if not path.is_file():
        return []
    true: dict[str, dict[str, float]] = io.read_json(path).get("statements", {})
    return [
        _row(verdict.id, part, true[verdict.id][part.name])
        for verdict in verdicts
        for part in verdict.parts
        if part.value is not None and part.name in true.get(verdict.id, {})
    ]


def _row(claim: str, part: VerdictPart, true: float) -> dict[str, Any]:
    half = None if part.low is None or part.high is None else 0.5 * (part.high - part.low)
    return {
        "claim": claim,
        "part": part.name,
        "true": number(true if half or part.unit == "h UT" else float(f"{true:.3g}"), part.unit, half),
        "found": with_interval(part.value, part.low, part.high, part.unit),
        "covered": covered(part, true),
    }


def covered(part: VerdictPart, true: float) -> str:
    """Whether the interval of a part holds the true value; how far off the value is where it has no interval.

    Parameters
    ----------
    true
        in the unit of the part.
    """
    if part.low is None or part.high is None or part.low == part.high:
        assert part.value is not None
        off, unit = part.value - true, part.unit
        if unit == "h UT":
            off, unit = 60.0 * off, "min"
        return f"no interval; off by {number(float(f'{off:.2g}') + 0.0, unit)}"
    return "yes" if part.low <= true <= part.high else "no"
