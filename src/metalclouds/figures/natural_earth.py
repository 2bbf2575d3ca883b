"""Coast lines and borders of a region from a Natural Earth TopoJSON file.

Run once to make `data/coast_and_borders.geojson`:

    python -m metalclouds.figures.natural_earth countries-50m.json coast_and_borders.geojson

The input is `countries-50m.json` of the npm package `world-atlas` 2.0.2 (Natural Earth 4.1.0, 1:50m, Admin 0
country boundaries; public domain). Borders are as Natural Earth draws them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

REGION = (60.0, 150.0, 5.0, 60.0)
# A hundredth of a degree is about 1 km: finer than a pixel of any map drawn here.
DECIMALS = 2
STEP_DEG = 0.04
CREDIT = (
    "Made with Natural Earth (version 4.1.0, 1:50m Admin 0 countries, public domain), "
    "from the TopoJSON of the npm package world-atlas 2.0.2; borders as Natural Earth draws them."
)


def decode_arcs(topology: dict) -> list[np.ndarray]:
    """Arcs of a quantised topology as (longitude, latitude) in degrees.

    Positions in a quantised arc are differences to the one before (TopoJSON specification, 2.1.3 and 2.1.4).

    Parameters
    ----------
    topology
        content of a TopoJSON file.

    Returns
    -------
    list
        one a line: degrees, dims (point, 2).
    """
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]


def arc_uses(topology: dict, name: str = "countries") -> Counter:
    """How many country outlines use each arc; a reversed arc is its one's complement."""
    uses: Counter = Counter()
    for geometry in topology["objects"][name]["geometries"]:
        uses.update({index if index >= 0 else ~index for index in _flatten(geometry.get("arcs", []))})
    return uses


def _flatten(nested: Iterable) -> Iterator[int]:
    for item in nested:
        if isinstance(item, int):
            yield item
        else:
            yield from _flatten(item)


def clip(line: np.ndarray, region: tuple[float, float, float, float]) -> list[np.ndarray]:
    """Pieces of a line within west, east, south, north; each keeps one point beyond the edge.

    Parameters
    ----------
    line
        longitude and latitude in degrees, dims (point, 2).
    region
        west, east, south, north in degrees.

    Returns
    -------
    list
        degrees, dims (point, 2) each.
    """
    west, east, south, north = region
    inside = (line[:, 0] >= west) & (line[:, 0] <= east) & (line[:, 1] >= south) & (line[:, 1] <= north)
    keep = inside.copy()
    keep[:-1] |= inside[1:]
    keep[1:] |= inside[:-1]
    starts = np.flatnonzero(np.diff(np.concatenate([[False], keep]).astype(int)) == 1)
    stops = np.flatnonzero(np.diff(np.concatenate([keep, [False]]).astype(int)) == -1) + 1
    return [line[start:stop] for start, stop in zip(starts, stops, strict=True) if stop - start > 1]


def thin(line: np.ndarray) -> list[list[float]]:
    """Rounded positions of a line, each at least STEP_DEG from the one kept before it; both ends stay.

    Parameters
    ----------
    line
        longitude and latitude in degrees, dims (point, 2).
    """
    kept = [line[0]]
    for position in line[1:-1]:
        if np.abs(position - kept[-1]).max() >= STEP_DEG:
            kept.append(position)
    return np.round([*kept, line[-1]], DECIMALS).tolist()


def coast_and_borders(topology: dict, region: tuple[float, float, float, float] = REGION) -> dict:
    """GeoJSON with two features: `coast` (arcs of one country) and `border` (arcs shared by two)."""
    uses = arc_uses(topology)
    lines: dict[str, list] = {"coast": [], "border": []}
    for index, arc in enumerate(decode_arcs(topology)):
        if uses[index]:
            kind = "coast" if uses[index] == 1 else "border"
            lines[kind] += [thin(piece) for piece in clip(arc, region)]
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "MultiLineString", "coordinates": pieces},
        }
        for kind, pieces in lines.items()
    ]
    return {"type": "FeatureCollection", "credit": CREDIT, "features": features}


def main(topology_path: str, out_path: str) -> None:
    """Read the TopoJSON file and write the GeoJSON file."""
    topology = json.loads(Path(topology_path).read_text(encoding="utf-8"))
    text = json.dumps(coast_and_borders(topology), separators=(",", ":"))
    Path(out_path).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
