"""The graph of the rules that a run used, asked of Snakemake and drawn in layers as an SVG."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from metalclouds.errors import MetalcloudsError

# Sizes in pixels of a text of 12 px.
LETTER, PADDING, GAP, HEIGHT, STEP = 6.9, 8, 14, 24, 58
# Rounds of moving each box towards the middle of its neighbours; more change nothing here.
ROUNDS = 8
Edges = dict[str, set[str]]


def rule_graph(configuration: Mapping[str, Any], snakefile: str | Path) -> str:
    """What `snakemake --rulegraph` prints for a configuration, in the language of Graphviz.

    Raises
    ------
    MetalcloudsError
        If Snakemake fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.write_text(json.dumps(configuration), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--rulegraph", "--nolock", "--workflow-profile", "none",
                   "--quiet", "all", "--snakefile", str(snakefile), "--configfile", str(file)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MetalcloudsError("snakemake --rulegraph failed", given=done.stderr[-2000:])
    return done.stdout


def read(dot: str) -> Edges:
    """Rule -> the other rules that it takes its input from. The target that only collects is left out."""
    names = dict(re.findall(r'(\d+)\[label = "([^"\\]+)', dot))
    pairs = [(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", dot)]
    before: Edges = {name: set() for name in names.values()}
    for earlier, later in pairs:
        # The inventories of other instruments may wait for the lidar's: one rule, an edge to itself.
        if earlier != later:
            before[later].add(earlier)
    before.pop("all", None)
    return before


def reduce(before: Edges) -> Edges:
    """The same order with every edge taken away that others imply."""
    return {
        later: {one for one in own if not any(one in ancestors(before, other) for other in own - {one})}
        for later, own in before.items()
    }


def ancestors(before: Edges, name: str) -> set[str]:
    """All rules that come before a rule."""
    found: set[str] = set()
    pending = list(before[name])
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending.extend(before[one])
    return found


def layers(before: Edges) -> list[list[str]]:
    """Rules by the longest way from a rule without input; in a layer, near the rules that they are joined to."""
    depth: dict[str, int] = {}

    def deepest(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deepest(one) for one in before[name]), default=-1)
        return depth[name]

    rows: list[list[str]] = [[] for _ in range(1 + max(map(deepest, before), default=-1))]
    for name in sorted(before):
        rows[depth[name]].append(name)
    return _ordered(rows, before)


def _ordered(rows: list[list[str]], before: Edges) -> list[list[str]]:
    """Each row sorted by the mean place of the rules above, going down, then of those below, going up, and again."""
    after = {name: {one for one in before if name in before[one]} for name in before}
    place = {name: (i + 0.5) / len(row) for row in rows for i, name in enumerate(row)}
    for _ in range(ROUNDS):
        for joined, order in ((before, rows), (after, rows[::-1])):
            for row in order:
                means = {name: _mean([place[one] for one in sorted(joined[name])], place[name]) for name in row}
                row[:] = [name for _, name in sorted((means[name], name) for name in row)]
                place.update({name: (i + 0.5) / len(row) for i, name in enumerate(row)})
    return rows


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def svg(dot: str) -> str:
    """The graph as an SVG; its description names each rule with the rules that it follows."""
    before = reduce(read(dot))
    rows = layers(before)
    widths = {name: len(name) * LETTER + 2 * PADDING for name in before}
    full = max(sum(widths[name] + GAP for name in row) for row in rows) + GAP
    boxes: dict[str, tuple[float, float]] = {}
    for depth, row in enumerate(rows):
        free = (full - sum(widths[name] for name in row)) / (len(row) + 1)
        left = free
        for name in row:
            boxes[name] = (left + widths[name] / 2, depth * STEP + GAP)
            left += widths[name] + free
    lines = [_edge(boxes[earlier], boxes[later]) for later in sorted(before) for earlier in sorted(before[later])]
    drawn = [_box(name, boxes[name], widths[name]) for name in sorted(before)]
    words = "; ".join(f"{name} after {', '.join(sorted(own))}" for name, own in sorted(before.items()) if own)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full:.0f} {len(rows) * STEP}" width="{full:.0f}" '
        f'role="img" aria-labelledby="graph-title graph-words"><title id="graph-title">Rules of the workflow</title>'
        f'<desc id="graph-words">{escape(words)}</desc>{"".join(lines)}{"".join(drawn)}</svg>\n'
    )


def _edge(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x0, y0), (x1, y1) = (start[0], start[1] + HEIGHT), end
    middle = (y0 + y1) / 2
    return (
        f'<path d="M{x0:.1f} {y0:.1f}C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}" '
        'fill="none" stroke="#9aa3ad"/>'
    )


def _box(name: str, place: tuple[float, float], width: float) -> str:
    x, y = place
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT}" rx="4" fill="#f5f7f9" '
        f'stroke="#555c66"/><text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle" font-size="12" '
        f'font-family="sans-serif" fill="#1b1f24">{escape(name)}</text>'
    )
