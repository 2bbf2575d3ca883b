import json
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from metalclouds import config as configuration
from metalclouds import run_lock
from metalclouds.constants import INSTRUMENTS
from metalclouds.errors import ConfigError, MetalcloudsError
from metalclouds.ingest.catalogue_files import catalogue_files
from metalclouds.workflow import PACKAGE, library_files, limit_threads

limit_threads()
# Matplotlib writes this instead of the time of the run into a PDF.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
os.environ.setdefault("MPLBACKEND", "Agg")

try:
    SETTINGS = configuration.validate(dict(config))
except ConfigError as error:
    raise WorkflowError(str(error)) from None

SOURCE = SETTINGS.source
RUN = configuration.run_name(SETTINGS)
RUN_DIR = f"results/{RUN}"
RECORD_DIR = f"record/{RUN}"
TRUTH_DIR = f"truth/{RUN}"


if not workflow.subprocess_exec:
    run_lock.announce()


# One lock for every way to start a run: make, a bare snakemake, a cluster. Jobs have no hooks.
onstart:
    try:
        run_lock.hold("results", RUN)
    except MetalcloudsError as error:
        raise WorkflowError(str(error)) from None


wildcard_constraints:
    instrument="|".join(INSTRUMENTS),
    batch=r"cases|rest|\d{4}-Q\d",


def section(name):
    """One section of the configuration as plain values: all that a rule of that stage is told."""
    return getattr(SETTINGS, name).model_dump(mode="json")


def ingest_section(wildcards):
    """What the section `ingest` says of one instrument (maps take their site from the lidar)."""
    whole = section("ingest")
    others = (
        set(INSTRUMENTS)
        - {wildcards.instrument}
        - ({"lidar"} if wildcards.instrument == "tec" else set())
    )
    own = {key: value for key, value in whole.items() if key not in others}
    return own | {
        "leave_out": [
            name for name in whole["leave_out"] if name == wildcards.instrument
        ]
    }


def cases():
    """The case nights: [{"panel", "night"}]."""
    return [case.model_dump() for case in SETTINGS.cases]


def case_nights():
    """The case nights as dates."""
    return [case.night for case in SETTINGS.cases]


def library(*modules):
    """Source files that a rule depends on, named as in a checkout so that results can move to another one."""
    here = Path("src/metalclouds")
    base = here if here.resolve() == PACKAGE.resolve() else PACKAGE
    return [
        str(base / Path(path).relative_to(PACKAGE)) for path in library_files(*modules)
    ]


def batches(instrument):
    """Batches of nights of an instrument, known once its inventory is made."""
    inventory = checkpoints.inventory.get(instrument=instrument).output[0]
    return sorted(json.loads(Path(inventory).read_text(encoding="utf-8"))["batches"])


def batch_indices(instrument, stage="ingest"):
    """Input function: the index of each batch of a stage, `ingest` or `detect`."""
    folder = (
        f"{RUN_DIR}/detect/batches"
        if stage == "detect"
        else f"{RUN_DIR}/ingest/{instrument}/batches"
    )

    def files(wildcards):
        return [f"{folder}/{batch}.json" for batch in batches(instrument)]

    return files


def case_files(instrument, *names):
    """Input function: files of the case nights' batch, none where the instrument has no case night."""

    def files(wildcards):
        return (
            [f"{RUN_DIR}/{name}" for name in names]
            if "cases" in batches(instrument)
            else []
        )

    return files


def inventories(*instruments):
    """What is known about the instruments of a figure."""
    return [f"{RUN_DIR}/raw/inventory/{instrument}.json" for instrument in instruments]


def figure_outputs(name, numbers):
    """What a figure leaves: picture, page, notebook, caption, and the plotted numbers with their sidecar."""
    stem = f"{RUN_DIR}/figures/{name}"
    endings = {"png": "png", "pdf": "pdf", "html": "html", "notebook": "ipynb", "caption": "caption.txt",
               "numbers": numbers, "sidecar": "json"}  # fmt: skip
    outputs = {kind: f"{stem}.{ending}" for kind, ending in endings.items()}
    outputs["png"] = report(
        outputs["png"],
        caption=f"../report/{name}.rst",
        category="Figures",
        labels={"content": f"Figure {name[-1]}"},
    )
    return outputs


def workflow_files():
    """The Snakefile and the rule files included so far; the page of the run, whose rules come last, keeps copies."""
    files = [str(file.get_path_or_uri(secret_free=True)) for file in workflow.included]
    names = [
        os.path.relpath(file)
        for file in files
        if Path(file).parent.name in ("workflow", "rules")
    ]
    return sorted(names, key=lambda name: (not name.endswith("Snakefile"), name))


# Lint takes a plain text in `params` for a forgotten file name; these say where a script finds and leaves its files.
def run_dir(wildcards):
    """Folder of the run."""
    return RUN_DIR


def record_dir(wildcards):
    """Folder of the simulated record."""
    return RECORD_DIR


def truth_dir(wildcards):
    """Folder of the simulated truth."""
    return TRUTH_DIR
