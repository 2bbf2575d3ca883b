"""The page of a run: one HTML file that opens from disk, with links relative to the run's folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metalclouds import __version__, io
from metalclouds.claims.judge import digits, printed_unit
from metalclouds.contracts import INSTRUMENTS
from metalclouds.report.settings import ReportSettings
from metalclouds.report.sources import CITATIONS, FIGURES, INSTRUMENT_NAMES

HERE = Path(__file__).parent
FIGURE_NUMBERS = range(1, 7)
# Mark and word of each verdict: readable without colour, and in the order of the page.
VERDICTS = {
    "agrees": ("✓", "agrees"),
    "differs": ("✗", "differs"),
    "recovered": ("✓", "recovered"),
    "not_recovered": ("✗", "not recovered"),
    "not_testable": ("○", "not testable"),
}
DOWNLOADS = (
    ("verdicts.csv", "claims/verdicts.csv"),
    ("verdicts.json", "claims/verdicts.json"),
    ("notes.json", "claims/notes.json"),
    ("evaluate.json", "evaluate.json"),
    ("manifest.json", "raw/manifest.json"),
    ("run.json", "run.json"),
)
STATUS_WORDS = {
    "missing": "data are missing",
    "undecided": "the data do not decide",
    "by_design": "the paper names no data for it",
    "other_data": "not the paper's data",
}


def _exists(run_dir: Path, names: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Links, relative to report/, to the files that are there."""
    return [{"label": label, "href": f"../{name}"} for label, name in names if (run_dir / name).is_file()]


def night_pages(run_dir: Path, inputs: Iterable[str]) -> list[dict[str, str]]:
    """Links to the interactive pages of the nights that Figure 1 was drawn from."""
    nights = [Path(name).stem for name in inputs if name.startswith("ingest/lidar/")]
    return _exists(run_dir, [(night, f"figures/night_{night}.html") for night in nights])


def figure_entry(run_dir: Path, number: int, verdicts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page says about one figure."""
    stem = f"figures/figure{number}"
    caption = run_dir / f"{stem}.caption.txt"
    sidecar = run_dir / f"{stem}.json"
    inputs = io.read_json(sidecar)["inputs"] if sidecar.is_file() else {}
    links = [
        ("PDF", f"{stem}.pdf"),
        ("notebook", f"{stem}.html"),
        ("notebook file", f"{stem}.ipynb"),
        ("plotted numbers (netCDF)", f"{stem}.nc"),
        ("plotted numbers (CSV)", f"{stem}.csv"),
        ("their sources (JSON)", f"{stem}.json"),
        *[(Path(name).name, name) for name in FIGURES[number].tables],
    ]
    return {
        "number": number,
        "title": FIGURES[number].title,
        "image": f"../{stem}.png" if (run_dir / f"{stem}.png").is_file() else "",
        "caption": caption.read_text(encoding="utf-8").strip() if caption.is_file() else FIGURES[number].caption,
        "links": _exists(run_dir, links),
        "night_pages": night_pages(run_dir, inputs) if number == 1 else [],
        "inputs": inputs,
        "claims": [entry for entry in verdicts if number in entry["figures"]],
        "module": f"src/metalclouds/figures/figure{number}.py",
        "notebook": f"notebooks/figure{number}.ipynb",
    }


def instrument_entry(inventory: Mapping[str, Any], verdicts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the page says about one instrument: present, simulated or missing."""
    name = inventory["instrument"]
    nights = {item["night"] for batch in inventory["batches"].values() for item in batch}
    state = "missing" if inventory["status"] != "present" else "simulated" if inventory["synthetic"] else "real"
    return {
        "name": INSTRUMENT_NAMES[name],
        "state": state,
        "nights": len(nights),
        "source": (inventory.get("source") or "").rstrip("."),
        "why": (inventory.get("why") or "").rstrip("."),
        "where": (inventory.get("where") or "").rstrip("."),
        "damaged": inventory.get("damaged", []),
        "unmapped": inventory.get("unmapped", []),
        "claims": [entry["id"] for entry in verdicts if name in entry["needs"]],
    }


def counts(verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Number of claims for each verdict; not testable ones by their reason."""
    rows = []
    for verdict, (mark, word) in VERDICTS.items():
        own = [entry for entry in verdicts if entry["verdict"] == verdict]
        reasons = sorted({entry["status"] for entry in own}) if verdict == "not_testable" else [""]
        for reason in reasons:
            number = sum(not reason or entry["status"] == reason for entry in own)
            if number:
                note = STATUS_WORDS.get(reason, reason)
                word = {"agrees": "agree", "differs": "differ"}.get(word, word) if number > 1 else word
                rows.append({"verdict": verdict, "mark": mark, "word": word, "note": note, "number": number})
    return rows


def run_times(record: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """Total and longest jobs of a run from run.json."""
    jobs = [job for job in record.get("jobs", []) if job.get("wall_s") is not None]
    ordered = sorted(jobs, key=lambda job: -job["wall_s"])
    memory = [job["max_rss_mb"] for job in jobs if job.get("max_rss_mb") is not None]
    return {
        "jobs": len(jobs),
        "total_s": sum(job["wall_s"] for job in jobs),
        "peak_mb": max(memory, default=None),
        "longest": ordered[:longest],
    }


def measured(entry: Mapping[str, Any]) -> str:
    """What was measured, for the table: value and interval, or how many parts of a claim hold."""
    parts = entry["parts"]
    if len(parts) > 1:
        return f"{sum(part['outcome'] == 'met' for part in parts)} of {len(parts)} parts hold"
    if entry["probability"] is not None:
        return f"probability {entry['probability']:.2f}"
    if entry["value"] is None:
        return "nothing found" if entry["status"] == "not_met" else "–"
    text = digits(entry["value"], entry["unit"]) + printed_unit(entry["unit"])
    if entry["low"] is not None and entry["high"] is not None and entry["high"] > entry["low"]:
        text += f" ({digits(entry['low'], entry['unit'])} to {digits(entry['high'], entry['unit'])})"
    return text


def content(run_dir: str | Path, settings: ReportSettings) -> dict[str, Any]:
    """Everything that the template shows, read from the run's folder."""
    run_dir = Path(run_dir)
    verdicts = io.read_json(run_dir / "claims/verdicts.json")
    manifest = io.read_json(run_dir / "raw/manifest.json")
    inventories = [io.read_json(run_dir / f"raw/inventory/{name}.json") for name in INSTRUMENTS]
    record = io.read_json(run_dir / "run.json") if (run_dir / "run.json").is_file() else {}
    instruments = [instrument_entry(one, verdicts) for one in inventories]
    return {
        "settings": settings,
        "version": __version__,
        "verdicts": verdicts,
        "summary": io.read_json(run_dir / "claims/summary.json"),
        "notes": io.read_json(run_dir / "claims/notes.json"),
        "counts": counts(verdicts),
        "figures": [figure_entry(run_dir, number, verdicts) for number in FIGURE_NUMBERS],
        "instruments": instruments,
        "simulated": any(one["state"] == "simulated" for one in instruments) or bool(manifest["synthetic"]),
        "manifest": manifest,
        "record": record,
        "times": run_times(record, settings.longest_jobs),
        "citations": CITATIONS,
        "giro": any("giro" in one["source"].lower() for one in inventories if one["status"] == "present"),
        "status_words": STATUS_WORDS,
        "marks": VERDICTS,
        "downloads": _exists(run_dir, DOWNLOADS),
    }


def render(run_dir: str | Path, settings: ReportSettings) -> str:
    """HTML of the page.

    Raises
    ------
    ReadError
        If a JSON file of the run cannot be read.
    """
    environment = Environment(
        loader=PackageLoader("metalclouds.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["measured"] = measured
    environment.globals["style"] = Markup((HERE / "style.css").read_text(encoding="utf-8"))
    environment.globals["script"] = Markup((HERE / "table.js").read_text(encoding="utf-8"))
    return environment.get_template("index.html.j2").render(content(run_dir, settings))


def build(run_dir: str | Path, settings: Mapping[str, Any], out: str | Path) -> None:
    """Write the page of a run to `out`, which lies in report/ below `run_dir`.

    Parameters
    ----------
    settings
        the config section `report`.
    """
    html = render(run_dir, ReportSettings.model_validate(dict(settings)))
    with io.replacing(out) as temporary:
        temporary.write_text(html, encoding="utf-8")
