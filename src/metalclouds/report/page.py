"""The pages of a run: a front page and one for each figure, that open from disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metalclouds import __version__, io
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.words import with_interval
from metalclouds.report import citations, crate, figure, own, supplements, truth
from metalclouds.report.places import Place, place_of
from metalclouds.report.sensitivity import MEANINGS, SURVIVALS, verdict_map
from metalclouds.report.settings import ReportSettings
from metalclouds.report.sources import FIGURES, GLOSSARY, SEARCHED, TOPICS
from metalclouds.schema.datasets import INSTRUMENTS
from metalclouds.schema.documents import (
    CheckedNote,
    Inventory,
    Manifest,
    RunRecord,
    Sensitivity,
    Verdict,
    VerdictSummary,
)
from metalclouds.schema.words import NOT_TESTABLE, OUTCOMES

HERE = Path(__file__).parent
VERDICTS = ("agrees", "differs", "recovered", "not_recovered")
MISSED = ("differs", "not_recovered")
OURS = ("for_trails", "against_trails")
TABLES = ("detect/nights.csv", "detect/events.csv", "detect/stripes.csv", "detect/stripe_profiles.csv",
          "derive/nights.csv", "derive/columns.csv")  # fmt: skip
DOWNLOADS = (
    ("verdicts.csv", "claims/verdicts.csv"),
    ("verdicts.json", "claims/verdicts.json"),
    ("notes.json", "claims/notes.json"),
    ("sensitivity.json", "claims/sensitivity.json"),
    ("sensitivity.csv", "claims/sensitivity.csv"),
    ("evaluate.json", "evaluate.json"),
    ("manifest.json", "raw/manifest.json"),
    ("run.json", "run.json"),
)


def instrument_entry(inventory: Inventory, verdicts: Sequence[Verdict], place: Place) -> dict[str, Any]:
    """What the page says about one instrument: present, simulated or missing."""
    present = "simulated" if inventory.synthetic else "real"
    state = {"present": present, "unread": "present but unread"}.get(inventory.status, "missing")
    return {
        "name": place.title(),
        "state": state,
        "nights": len(inventory.nights()),
        "source": inventory.source.rstrip("."),
        "why": inventory.why.rstrip("."),
        "where": inventory.where.rstrip("."),
        "damaged": inventory.damaged,
        "unmapped": inventory.unmapped,
        "claims": [one.id for one in verdicts if inventory.instrument in one.needs],
    }


def counts(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Number of claims for each outcome, in the order of the page."""
    found = Counter(one.outcome for one in verdicts)
    return [
        {
            "outcome": name,
            "verdict": name if name in VERDICTS + OURS else NOT_TESTABLE,
            "mark": shown.mark,
            "word": shown.word if found[name] == 1 else shown.plural,
            "note": shown.note,
            "number": found[name],
        }
        for name, shown in OUTCOMES.items()
        if found[name]
    ]


def topics(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Claims by what they are about, in the order of the page; claims without a topic come last."""
    rows: list[dict[str, Any]] = [
        {"title": title, "claims": [one for one in verdicts if one.id[0] in letters]} for letters, title in TOPICS
    ]
    placed = {one.id for row in rows for one in row["claims"]}
    rows.append({"title": "Other", "claims": [one for one in verdicts if one.id not in placed]})
    return [row for row in rows if row["claims"]]


def search_words(entry: Verdict) -> str:
    """Words by which a claim is found besides its own: its topic's."""
    letter = entry.id[0]
    titles = [title for letters, title in TOPICS if letter in letters]
    return " ".join([*titles, SEARCHED.get(letter, "")]).strip()


def confidence(record: RunRecord) -> float:
    """Coverage of the intervals of the claims, as the run was configured."""
    chosen: Any = record.configuration.get("claims", {})
    return float(chosen.get("confidence", ClaimsSettings().confidence))


def others_data(manifest: Manifest, verdicts: Sequence[Verdict]) -> bool:
    """Whether a run is on somebody's own files: the paper's claims are not about them."""
    return manifest.source == "local" and any(one.status == "other_data" for one in verdicts)


def run_times(record: RunRecord, longest: int) -> dict[str, Any]:
    """Total and longest jobs of a run from run.json."""
    timed = [(job.wall_s, job) for job in record.jobs if job.wall_s is not None]
    ordered = [job for _, job in sorted(timed, key=lambda one: -one[0])]
    memory = [job.max_rss_mb for _, job in timed if job.max_rss_mb is not None]
    return {
        "jobs": len(timed),
        "total_s": sum(wall_s for wall_s, _ in timed),
        "peak_mb": max(memory, default=None),
        "longest": ordered[:longest],
    }


def measured(entry: Verdict) -> str:
    """What was measured, for the table: value and interval, or how many parts of a claim hold."""
    parts = [part for part in entry.parts if part.outcome != "shown"]
    if len(parts) > 1:
        return f"{sum(part.outcome == 'met' for part in parts)} of {len(parts)} parts hold"
    if entry.probability is not None:
        return f"probability {entry.probability:.2f}"
    if entry.value is None:
        return "nothing found" if entry.status == "not_met" else "–"
    return with_interval(entry.value, entry.low, entry.high, entry.unit)


def _record(path: Path) -> RunRecord:
    """run.json, which a run writes last; an empty one before."""
    return RunRecord.read(path) if path.is_file() else RunRecord()


def _sensitivity(path: Path) -> Sensitivity:
    """Verdicts under other settings; nothing tried where there is no such file."""
    return Sensitivity.read(path) if path.is_file() else Sensitivity()


def _text(path: Path) -> Markup:
    """A picture of our own that is embedded in the page; empty if it does not exist."""
    return Markup(path.read_text(encoding="utf-8")) if path.is_file() else Markup("")


def _figures(
    run_dir: Path, verdicts: Sequence[Verdict], lidar: Place, inventories: Mapping[str, Inventory]
) -> list[dict[str, Any]]:
    """What the front page says about each figure, with what it would need that is not there."""
    return [
        figure.entry(run_dir, number, verdicts, lidar) | {"lacking": own.lacking(number, inventories)}
        for number in FIGURES
    ]


def _supplements(run_dir: Path, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Tests of the explanation: claims, those that the paper does not state, pictures, tables, decision table."""
    return {
        "ours": [one for one in verdicts if one.ours],
        "supplements": [one for one in verdicts if one.id.startswith("X")],
        "supplement_cards": supplements.cards(run_dir, verdicts),
        "supplement_tables": supplements.tables(run_dir),
        "decisions": supplements.decision_rows(run_dir),
    }


def content(run_dir: Path, settings: ReportSettings) -> dict[str, Any]:
    """Everything that the templates show, read from the run's folder."""
    verdicts = Verdict.read_all(run_dir / "claims/verdicts.json")
    manifest = Manifest.read(run_dir / "raw/manifest.json")
    inventories = {name: Inventory.read(run_dir / f"raw/inventory/{name}.json") for name in INSTRUMENTS}
    record = _record(run_dir / "run.json")
    places = {name: place_of(run_dir, one, manifest.source) for name, one in inventories.items()}
    instruments = [instrument_entry(one, verdicts, places[name]) for name, one in inventories.items()]
    return {
        "settings": settings,
        "version": __version__,
        "verdicts": verdicts,
        "summary": VerdictSummary.read(run_dir / "claims/summary.json"),
        "notes": CheckedNote.read_all(run_dir / "claims/notes.json"),
        "counts": counts(verdicts),
        "topics": topics(verdicts),
        "missed": [one for one in verdicts if one.outcome in MISSED],
        "figures": _figures(run_dir, verdicts, places["lidar"], inventories),
        "instruments": instruments,
        "simulated": any(one["state"] == "simulated" for one in instruments) or manifest.synthetic,
        "manifest": manifest,
        "inventories": inventories,
        "sensitivity": verdict_map(_sensitivity(run_dir / "claims/sensitivity.json")),
        "survivals": SURVIVALS,
        "meanings": MEANINGS,
        "graph": _text(run_dir / "report/rulegraph.svg"),
        "record": record,
        "times": run_times(record, settings.longest_jobs),
        "software": citations.software(),
        "data": citations.data(manifest, inventories.values()),
        "confidence": confidence(record),
        "outcomes": OUTCOMES,
        "glossary": [{"word": word, "text": words} for word, words in GLOSSARY],
        "truth": truth.rows(run_dir, verdicts),
        **_supplements(run_dir, verdicts),
        "words_of": {one.id: search_words(one) for one in verdicts},
        "own": own.content(run_dir, record.configuration, inventories) if others_data(manifest, verdicts) else {},
        "tables": figure.existing(run_dir, [(name, name) for name in TABLES]),
        "downloads": figure.existing(run_dir, DOWNLOADS),
    }


def environment() -> Environment:
    """Templates with what all pages share."""
    made = Environment(
        loader=PackageLoader("metalclouds.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["measured"] = measured
    made.filters["outcome"] = attrgetter("outcome")
    made.filters["shade"] = lambda entry: entry.outcome if entry.outcome in OURS else entry.verdict
    made.globals["asset"] = lambda name: Markup((HERE / name).read_text(encoding="utf-8"))
    return made


def pages(run_dir: Path, settings: ReportSettings, with_crate: bool) -> Iterable[tuple[str, str | dict[str, Any]]]:
    """Name of each file of the site and its text, or its values if it is JSON.

    Raises
    ------
    ReadError
        If a JSON file of the run cannot be read.
    """
    shown, made = content(run_dir, settings) | {"crate": f"../{crate.NAME}" if with_crate else ""}, environment()
    front = "own.html.j2" if shown["own"] else "index.html.j2"
    yield "index.html", made.get_template(front).render(shown)
    for one in shown["figures"]:
        more = figure.details(run_dir, one["number"], shown["manifest"], shown["inventories"], shown["record"])
        yield one["page"], made.get_template("figure.html.j2").render(shown | {"figure": one | more})
        yield more["sidecar"], more["sources"]


def build(
    run_dir: str | Path, settings: Mapping[str, Any], out: str | Path, workflow: Sequence[str | Path] = ()
) -> None:
    """Write the site of a run into the folder `out`, which lies beside the other folders of the run.

    Parameters
    ----------
    settings
        the config section `report`.
    workflow
        the Snakefile and the rule files that it includes: an RO-Crate of the run is written with copies of them.
        Without them there is no crate.
    """
    for name, page in pages(Path(run_dir), ReportSettings.model_validate(dict(settings)), bool(workflow)):
        if isinstance(page, dict):
            io.write_json(Path(out) / name, page)
            continue
        with io.replacing(Path(out) / name) as temporary:
            temporary.write_text(page, encoding="utf-8")
    if workflow:
        crate.write(run_dir, workflow)
