"""A Workflow Run RO-Crate of a run: what was run, on which files, with which result.

The profile is Workflow Run Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5) on RO-Crate 1.1. The crate's root is
the folder of the run; copies of the workflow's files stand in it, since a crate holds its main entity. There is no
time of day in it: the date comes from run.json.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from metalclouds import __version__, io
from metalclouds.figures.captions import from_giro
from metalclouds.report import citations
from metalclouds.report.sources import FIGURES, SUPPLEMENTS
from metalclouds.schema.datasets import INSTRUMENTS
from metalclouds.schema.documents import Inventory, Manifest, RunRecord
from metalclouds.schema.tables import DERIVE_TABLES

NAME = "ro-crate-metadata.json"
WORKFLOW = "report/workflow/Snakefile"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}]
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
MIT = "https://spdx.org/licenses/MIT"
SHARE_ALIKE = "https://spdx.org/licenses/CC-BY-NC-SA-4.0"
FREE = "https://spdx.org/licenses/CC0-1.0"
LICENCES = {
    MIT: "Licence of the software",
    FREE: "What the software makes from simulated data is in the public domain",
    SHARE_ALIKE: "Licence of the data of GIRO, which goes with what was made from them",
}
KINDS = {
    ".csv": "text/csv", ".html": "text/html", ".ipynb": "application/x-ipynb+json", ".json": "application/json",
    ".nc": "application/x-netcdf", ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml",
    ".txt": "text/plain", ".zip": "application/zip",
}  # fmt: skip
# What is made from the data of others is free only as they say.
AS_THE_DATA = "As the holders of the input files ask; their terms are not known to this program. Code: MIT."
# What belongs to a figure, and what a run leaves besides its tables.
ENDINGS = ("png", "pdf", "html", "ipynb", "nc", "csv", "json", "caption.txt")
OTHERS = (
    "claims/verdicts.json", "claims/verdicts.csv", "claims/notes.json", "claims/summary.json",
    "claims/sensitivity.json", "claims/sensitivity.csv", "evaluate.json", "run.json", "report/index.html",
    "report/rulegraph.svg", "figures/figure1_plain.png",
)  # fmt: skip
FOLDERS = {
    "ingest": "The record read into CF netCDF files, one for each instrument and night",
    "detect": "Clouds and stripes of each night of the lidar",
}


def ref(identifier: str) -> dict[str, str]:
    """A reference to an entity."""
    return {"@id": identifier}


def _file(run_dir: Path, name: str, **more: Any) -> dict[str, Any]:
    """A file of the run; run.json and the pages that show it carry no checksum, since equal runs differ in them."""
    kind = KINDS.get(PurePosixPath(name).suffix)
    entity = {"@id": name, "@type": "File", "name": name, **({"encodingFormat": kind} if kind else {}), **more}
    if name == "run.json" or name.startswith("report/"):
        return entity
    path = run_dir / name
    return entity | {"contentSize": str(path.stat().st_size), "sha256": io.sha256(path)}


def _record_files(manifest: Manifest) -> list[dict[str, Any]]:
    """The files that the run began with, by the manifest."""
    return [
        {"@id": file.path, "@type": "File", "name": file.key, "contentSize": str(file.size),
         "sha256": file.sha256, "encodingFormat": KINDS.get(Path(file.key).suffix, "application/octet-stream")}
        for file in manifest.files
    ]  # fmt: skip


def _outputs(run_dir: Path, nights: Sequence[str]) -> list[str]:
    """Names of the run's small files that are there; listed, so that nothing left by another run gets in.

    Parameters
    ----------
    nights
        the case nights.
    """
    names = [f"figures/figure{number}.{ending}" for number in FIGURES for ending in ENDINGS]
    names += [f"figures/supplement_{name}.{ending}" for name in SUPPLEMENTS for ending in ENDINGS]
    names += [f"figures/night_{night}.html" for night in nights]
    names += [f"derive/{table}" for table in DERIVE_TABLES]
    names += [table for text in FIGURES.values() for table in text.tables if table not in names]
    names += [f"report/figure{number}.{ending}" for number in FIGURES for ending in ("html", "sources.json")]
    return [name for name in dict.fromkeys([*names, *OTHERS]) if (run_dir / name).is_file()]


def copy_workflow(run_dir: Path, files: Sequence[str | Path]) -> list[str]:
    """Copy the workflow's files, Snakefile first, into the run; names relative to the run."""
    names = []
    for file in map(Path, files):
        name = "Snakefile" if file.name == "Snakefile" else f"rules/{file.name}"
        target = run_dir / "report/workflow" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        names.append(target.relative_to(run_dir).as_posix())
    return names


def _workflow(rules: Sequence[str]) -> list[dict[str, Any]]:
    """The workflow, its language, its engine, and its parameters."""
    snakemake = next(one for one in citations.software() if one["name"] == "snakemake")
    return [
        {
            "@id": WORKFLOW, "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"], "name": "metalclouds",
            "description": "From a data record to every figure of the paper and a verdict on each of its statements",
            "programmingLanguage": ref(LANGUAGE), "version": __version__, "license": ref(MIT),
            "encodingFormat": "text/plain", "conformsTo": ref(BIOSCHEMAS),
            "hasPart": [ref(name) for name in rules], "input": ref("#record"),
            "output": [ref("#verdicts"), ref("#page")],
        },
        *({"@id": name, "@type": "File", "name": name, "encodingFormat": "text/plain"} for name in rules),
        {"@id": LANGUAGE, "@type": "ComputerLanguage", "name": "Snakemake", "url": ref("https://snakemake.github.io"),
         "identifier": ref("https://snakemake.github.io"), "version": snakemake["version"]},
        {"@id": BIOSCHEMAS, "@type": "CreativeWork", "name": "Bioschemas ComputationalWorkflow", "version": "1.0"},
        {"@id": "#record", "@type": "FormalParameter", "name": "record", "additionalType": "File",
         "description": "Files of the data record", "workExample": ref("raw/manifest.json")},
        {"@id": "#verdicts", "@type": "FormalParameter", "name": "verdicts", "additionalType": "File",
         "description": "Verdict on each statement", "workExample": ref("claims/verdicts.json")},
        {"@id": "#page", "@type": "FormalParameter", "name": "page", "additionalType": "File",
         "description": "The page of the run", "workExample": ref("report/index.html")},
    ]  # fmt: skip


def licence_of(manifest: Manifest, inventories: Sequence[Inventory]) -> str:
    """Address of the licence of a run's results; "" where it is with the holders of the input files."""
    if any(from_giro(one) for one in inventories):
        return SHARE_ALIKE
    return FREE if manifest.synthetic else ""


def _root(manifest: Manifest, record: RunRecord, parts: Sequence[str], licence: str) -> dict:
    """The run as a data set: of the paper's statements, or of somebody's own files."""
    about = "Simulated data: it says nothing about the paper." if manifest.synthetic else manifest.title
    papers = manifest.source != "local"
    name = "Metal ion clouds: the paper's statements, tested" if papers else manifest.title or "Own lidar nights"
    made = "Figures, verdicts and page" if papers else "Clouds, stripes, figures and page"
    return {
        "@id": "./", "@type": "Dataset", "name": name,
        "description": f"{made} of a run of metalclouds {__version__}. {about}",
        "datePublished": record.date, "license": ref(licence) if licence else AS_THE_DATA,
        "publisher": ref("#developers"),
        "author": ref("#developers"), "conformsTo": [ref(link) for link, _, _ in PROFILES],
        "hasPart": [ref(name) for name in parts], "mainEntity": ref(WORKFLOW), "mentions": ref("#run"),
        "citation": ref(citations.PAPER["link"]),
    }  # fmt: skip


def _action(source: str, date: str, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, Any]:
    """The run as something that was done."""
    return {
        "@id": "#run", "@type": "CreateAction", "name": f"Run of metalclouds on the source {source}",
        "description": "Times, machine, versions and configuration are in run.json", "instrument": ref(WORKFLOW),
        "endTime": date, "agent": ref("#developers"), "actionStatus": "http://schema.org/CompletedActionStatus",
        "object": [ref(name) for name in inputs], "result": [ref(name) for name in outputs],
    }  # fmt: skip


def _works(licences: Sequence[str]) -> list[dict[str, Any]]:
    """Profiles, licences, the paper, and who wrote this."""
    profiles = [{"@id": link, "@type": "CreativeWork", "name": name, "version": version}
                for link, name, version in PROFILES]  # fmt: skip
    named = [{"@id": link, "@type": "CreativeWork", "name": link.rsplit("/", 1)[-1],
              "description": LICENCES[link]} for link in licences]  # fmt: skip
    return [
        *profiles, *named, {"@id": "#developers", "@type": "Organization", "name": "The metalclouds developers"},
        {"@id": citations.PAPER["link"], "@type": "ScholarlyArticle", "name": citations.PAPER["text"]},
    ]  # fmt: skip


def document(run_dir: Path, rules: Sequence[str]) -> dict[str, Any]:
    """The content of ro-crate-metadata.json.

    Parameters
    ----------
    rules
        the workflow's files without its Snakefile, relative to the run.

    Raises
    ------
    ReadError
        If the manifest, an inventory or run.json cannot be read.
    """
    manifest, record = Manifest.read(run_dir / "raw/manifest.json"), RunRecord.read(run_dir / "run.json")
    inventories = [Inventory.read(run_dir / f"raw/inventory/{name}.json") for name in INSTRUMENTS]
    licence = licence_of(manifest, inventories)
    raw = _record_files(manifest)
    outputs = _outputs(run_dir, [case.night for case in record.cases()])
    inputs = ["raw/manifest.json", *(one["@id"] for one in raw)]
    folders = [{"@id": f"{name}/", "@type": "Dataset", "name": name, "description": text}
               for name, text in FOLDERS.items() if (run_dir / name).is_dir()]  # fmt: skip
    parts = [WORKFLOW, *rules, *inputs, *(one["@id"] for one in folders), *outputs]
    return {"@context": CONTEXT, "@graph": [
        {"@id": NAME, "@type": "CreativeWork", "about": ref("./"),
         "conformsTo": [ref("https://w3id.org/ro/crate/1.1"), ref(PROFILES[-1][0])]},
        _root(manifest, record, parts, licence), *_works([one for one in (licence, MIT) if one]), *_workflow(rules),
        _action(manifest.source, record.date, inputs, outputs),
        _file(run_dir, "raw/manifest.json", exampleOfWork=ref("#record")), *raw, *folders,
        *(_file(run_dir, name, **_example(name)) for name in outputs),
    ]}  # fmt: skip


def _example(name: str) -> dict[str, Any]:
    """Which parameter of the workflow a file is an example of."""
    parameters = {"claims/verdicts.json": "#verdicts", "report/index.html": "#page"}
    return {"exampleOfWork": ref(parameters[name])} if name in parameters else {}


def write(run_dir: str | Path, workflow: Sequence[str | Path]) -> None:
    """Write ro-crate-metadata.json and the copies of the workflow's files into a run.

    Parameters
    ----------
    workflow
        workflow/Snakefile and the rule files that it includes.
    """
    folder = Path(run_dir)
    names = copy_workflow(folder, workflow)
    io.write_json(folder / NAME, document(folder, [name for name in names if name != WORKFLOW]))
