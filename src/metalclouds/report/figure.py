"""All that belongs to one figure: picture, interactive view, caption, claims, code, settings, files, numbers."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from metalclouds import __version__, io
from metalclouds.figures.captions import GIRO_LICENCE, from_giro
from metalclouds.report.places import Place
from metalclouds.report.sources import FIGURES, FigureText
from metalclouds.schema.documents import FigureRecord, Inventory, Manifest, RunRecord, Verdict

# Tables up to this length are shown whole and drawn in the browser; a longer one is a download only.
LONGEST_TABLE = 1000
# The figure whose title names the species and the place of the lidar.
FIRST = 1


def existing(run_dir: Path, names: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Links, relative to report/, to the files that are there."""
    return [{"label": label, "href": f"../{name}"} for label, name in names if (run_dir / name).is_file()]


def title(number: int, lidar: Place) -> str:
    """Title of a figure; Figure 1 names species and place."""
    if number != FIRST or not lidar.species:
        return FIGURES[number].title
    where = f" at {lidar.where()}" if lidar.where() else ""
    return f"{', '.join(lidar.species)} density against time and altitude{where}"


def entry(run_dir: Path, number: int, verdicts: Sequence[Verdict], lidar: Place) -> dict[str, Any]:
    """What the front page says about a figure."""
    stem = f"figures/figure{number}"
    caption = run_dir / f"{stem}.caption.txt"
    return {
        "number": number,
        "title": title(number, lidar),
        "page": f"figure{number}.html",
        "image": f"../{stem}.png" if (run_dir / f"{stem}.png").is_file() else "",
        "caption": caption.read_text(encoding="utf-8").strip() if caption.is_file() else FIGURES[number].caption,
        "claims": [one for one in verdicts if number in one.figures],
    }


def details(
    run_dir: Path,
    number: int,
    manifest: Manifest,
    inventories: Mapping[str, Inventory],
    record: RunRecord,
) -> dict[str, Any]:
    """What the page of a figure says besides."""
    stem = f"figures/figure{number}"
    links = [
        ("picture (PNG)", f"{stem}.png"),
        ("picture (PDF)", f"{stem}.pdf"),
        ("picture without overlays (PNG)", f"{stem}_plain.png"),
        ("notebook as it ran", f"{stem}.html"),
        ("notebook file", f"{stem}.ipynb"),
        ("plotted numbers (netCDF)", f"{stem}.nc"),
        ("plotted numbers (CSV)", f"{stem}.csv"),
    ]
    sources = provenance(run_dir, number, manifest, inventories, record)
    return {
        "links": existing(run_dir, links),
        "plain": existing(run_dir, [("without overlays", f"{stem}_plain.png")]),
        "tables": existing(run_dir, [(Path(name).name, name) for name in FIGURES[number].tables]),
        "nights": night_pages(run_dir, sources["inputs"]),
        "sources": sources,
        "sidecar": f"figure{number}.sources.json",
        "giro": any(from_giro(inventories[name]) for name, _ in FIGURES[number].raw),
        "synthetic": synthetic(number, inventories),
        "module": f"src/metalclouds/figures/figure{number}.py",
        "notebook": f"notebooks/figure{number}.ipynb",
        "code": _code(number),
        "sections": sections(FIGURES[number], record),
        "numbers": numbers(run_dir / f"{stem}.csv"),
        "axes": FIGURES[number].axes,
        "maps": maps(run_dir / f"{stem}.nc"),
    }


def night_pages(run_dir: Path, inputs: Iterable[str]) -> list[dict[str, str]]:
    """Links to the interactive pages of the lidar nights that a figure was drawn from."""
    nights = [Path(name).stem for name in inputs if name.startswith("ingest/lidar/")]
    return existing(run_dir, [(night, name) for night in nights for name in pages_of(night)])


def pages_of(night: str) -> tuple[str, str]:
    """Where the interactive page of a night may lie, for a named case night or a chosen one."""
    return f"figures/night_{night}.html", f"nights/night_{night}.html"


def synthetic(number: int, inventories: Mapping[str, Inventory]) -> bool:
    """Whether any instrument of a figure is simulated."""
    return any(inventories[name].synthetic for name, _ in FIGURES[number].raw)


def sections(text: FigureText, record: RunRecord) -> dict[str, Any]:
    """Sections of the run's configuration that decide what a figure shows; empty without run.json."""
    return {name: record.configuration[name] for name in text.sections if name in record.configuration}


def provenance(
    run_dir: Path,
    number: int,
    manifest: Manifest,
    inventories: Mapping[str, Inventory],
    record: RunRecord,
) -> dict[str, Any]:
    """The sidecar of a figure's numbers: record, files with checksums, version, hash of the configuration."""
    text, stem = FIGURES[number], f"figures/figure{number}"
    made = run_dir / f"{stem}.json"
    chosen = sections(text, record)
    canonical = json.dumps(chosen, sort_keys=True, separators=(",", ":"))
    files = [f"{stem}.{ending}" for ending in ("png", "nc", "csv") if (run_dir / f"{stem}.{ending}").is_file()]
    giro = any(from_giro(inventories[name]) for name, _ in text.raw)
    return {
        "figure": number,
        "synthetic": synthetic(number, inventories),
        "record": {
            "source": manifest.source,
            "title": manifest.title,
            "doi": manifest.record.doi,
        },
        "licence_of_data": GIRO_LICENCE if giro else "",
        "version": __version__,
        "configuration_sections": list(chosen),
        "configuration_sha256": hashlib.sha256(canonical.encode()).hexdigest() if chosen else "",
        "files": {name: io.sha256(run_dir / name) for name in files},
        "inputs": FigureRecord.read(made).inputs if made.is_file() else {},
        "raw_files": raw_files(text, manifest, inventories, record),
    }


def raw_files(
    text: FigureText,
    manifest: Manifest,
    inventories: Mapping[str, Inventory],
    record: RunRecord,
) -> list[dict[str, Any]]:
    """Entries of the manifest for the files of the record that a figure rests on."""
    cases = [case.night for case in record.cases()]
    paths: set[str] = set()
    for instrument, which in text.raw:
        batches = inventories[instrument].batches
        items = [item for name, batch in batches.items() if which == "all" or name == "cases" for item in batch]
        wanted = [item for item in items if which == "all" or not cases or item.night in cases]
        paths.update(file.path for item in wanted for file in item.files)
    kept = ("key", "size", "md5", "sha256")
    return [{key: getattr(file, key) for key in kept} for file in manifest.files if file.path in paths]


def _code(number: int) -> str:
    """Source text of the module that draws a figure."""
    found = importlib.util.find_spec(f"metalclouds.figures.figure{number}")
    if found is None or found.origin is None:
        return ""
    return Path(found.origin).read_text(encoding="utf-8")


def numbers(path: Path) -> dict[str, Any]:
    """Columns and rows of a short table of plotted numbers, as its file spells them; empty if there is none."""
    if not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    return {"columns": lines[0], "rows": lines[1:]} if len(lines) <= LONGEST_TABLE else {}


def maps(path: Path) -> dict[str, Any]:
    """Maps of a netCDF file (panel, latitude, longitude) for the browser, rounded to 0.01; empty if it has none."""
    if not path.is_file():
        return {}
    with io.open_netcdf(path) as dataset:
        fields = {str(n): v for n, v in dataset.data_vars.items() if v.dims == ("panel", "latitude", "longitude")}
        if not fields:
            return {}
        return {
            "panels": [str(one) for one in dataset["panel"].values],
            "times": [str(one)[:16].replace("T", " ") for one in dataset["time"].values],
            "latitude": [float(one) for one in dataset["latitude"].values],
            "longitude": [float(one) for one in dataset["longitude"].values],
            "fields": {name: _rounded(field.values) for name, field in fields.items()},
        }


def _rounded(values: np.ndarray) -> list[Any]:
    """Hundredths as whole numbers, missing as None: less than half the text of decimals."""
    flat = [None if np.isnan(one) else round(float(one) * 100) for one in values.ravel()]
    size = values.shape[1] * values.shape[2]
    return [flat[start : start + size] for start in range(0, len(flat), size)]
